"""Fixes until nothing is left to fix: apply, check the new text, apply what that finds."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from verifier.fixing.applying import Unwritable, apply
from verifier.model import Finding, Problem, ProblemKind

MOST_ROUNDS = 10
_BROKEN = frozenset({ProblemKind.SYNTAX, ProblemKind.LIMIT, ProblemKind.ENCODING, ProblemKind.ENGINE})
"""What a file is told by that can no longer be checked."""

Checked = tuple[Sequence[Finding], Sequence[Problem]]
Check = Callable[[Mapping[str, bytes]], Checked]
"""The findings and problems of some texts by path, suppressed ones left out."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """The texts that changed, how many findings that repaired, and why a file stayed as it is."""

    texts: Mapping[str, bytes] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


def fix(texts: Mapping[str, bytes], check: Check, *, unsafe: bool) -> Fixed:
    """Fix texts until `check` finds nothing more to fix in them, at most ten times; all or nothing for each text."""
    now, todo = dict(texts), set(texts)
    seen: dict[str, set[bytes]] = {path: {data} for path, data in texts.items()}
    counts: Counter[str] = Counter()
    problems: list[Problem] = []

    def give_up(path: str, why: str) -> None:
        now[path] = texts[path]
        todo.discard(path)
        counts.pop(path, None)
        problems.append(Problem(path, ProblemKind.ENGINE, f"not fixed: {why}"))

    for number in range(MOST_ROUNDS + 1):
        findings, said = check({path: now[path] for path in sorted(todo)})
        by_path: dict[str, list[Finding]] = defaultdict(list)
        for each in findings:
            by_path[each.path].append(each)
        broken = {each.path: each.text for each in said if each.path in todo and each.kind in _BROKEN}
        for path in sorted(todo):
            if path in broken:
                if counts[path]:
                    give_up(path, f"with the fixes, {broken[path]}")
                todo.discard(path)
                continue
            if number == MOST_ROUNDS:
                continue
            try:
                applied = apply(now[path], by_path[path], unsafe=unsafe)
            except Unwritable as error:
                give_up(path, str(error))
                continue
            if not applied.fixed or applied.data == now[path]:
                todo.discard(path)
                continue
            now[path] = applied.data
            counts[path] += len(applied.fixed)
            if applied.data in seen[path]:
                give_up(path, "the fixes undo each other")
            seen[path].add(applied.data)
        if not todo:
            break
    changed = {path: data for path, data in now.items() if data != texts[path]}
    return Fixed(changed, {path: counts[path] for path in changed}, tuple(problems))
