"""Suppression comments, `# verify: ignore[CODE] reason`, `# nosec B602`, `# nosemgrep: id`: reads and applies them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from verifier.model import Finding, Span, Suppression
from verifier.tokens import comments

_ANY = re.compile(r"verify:|nosec|nosemgrep", re.IGNORECASE)
_OURS = re.compile(
    r"#\s*verify:\s*(?P<scope>file-)?ignore(?P<bracket>\s*\[(?P<codes>[^\]]*)\])?(?P<reason>[^#]*)", re.IGNORECASE
)
_NOSEC = re.compile(r"#\s*nosec\b:?\s*(?P<codes>[^#]*)", re.IGNORECASE)
_NOSEMGREP = re.compile(r"#\s*nosem(?:grep)?\b(?P<codes>\s*:[^#]*)?", re.IGNORECASE)
_BANDIT_ID = re.compile(r"\bB\d{3}\b")
_WORD = re.compile(r"[\w.*-]+")


def read(text: str, path: str) -> tuple[Suppression, ...]:
    """The suppressions of a file, in order."""
    if not _ANY.search(text):
        return ()
    found: list[Suppression] = []
    line, seen = 1, 0
    for comment in comments(text):
        words = comment.group()
        if not _ANY.search(words):
            continue
        line += len(re.findall(r"\r\n|\r|\n", text[seen : comment.start()]))
        seen = comment.start()
        start = max(text.rfind("\n", 0, seen), text.rfind("\r", 0, seen)) + 1
        alone = not text[start:seen].strip()
        for match, engine in _matches(words):
            column = seen - start + match.start() + 1
            span = Span(line, column, line, column + len(match.group().rstrip()))
            covered: int | None = line
            if engine == "verifier" and match["scope"]:
                covered = None
            elif alone and engine != "bandit":
                covered = line + 1
            reason = match["reason"].strip(" -:") if engine == "verifier" else ""
            found.append(Suppression(path, covered, _codes(match["codes"] or "", engine), reason, span, engine))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Applied:
    """Findings parted by suppressions, and which codes of which suppression silenced nothing."""

    kept: tuple[Finding, ...]
    silenced: tuple[Finding, ...]
    unused: tuple[tuple[Suppression, tuple[str, ...]], ...]


def apply(
    findings: Sequence[Finding], suppressions: Iterable[Suppression], same: Callable[[str, str], bool]
) -> Applied:
    """Part findings by suppressions; `same(written, code)` says whether a written code, name or prefix means a code."""
    by_path: dict[str, list[Suppression]] = {}
    for each in suppressions:
        by_path.setdefault(each.path, []).append(each)
    used: set[tuple[int, str]] = set()
    kept: list[Finding] = []
    silenced: list[Finding] = []
    for finding in findings:
        codes = (finding.code, *(each.code for each in finding.related if each.code))
        hit = False
        for each in by_path.get(finding.path, ()):
            if each.line is not None and not finding.span.line <= each.line <= finding.span.end_line:
                continue
            for written in each.codes or _BLANKET.get(each.engine, ()):
                if any(same(written, code) for code in codes):
                    used.add((id(each), written))
                    hit = True
        (silenced if hit else kept).append(finding)
    unused = [
        (each, tuple(code for code in each.codes if (id(each), code) not in used))
        for group in by_path.values()
        for each in group
    ]
    left = tuple((each, codes) for each, codes in unused if codes)
    return Applied(tuple(kept), tuple(silenced), left)


OWN = "semgrep-rules"
"""Stands for all rules of the project's own."""
_BLANKET = {"bandit": ("B",), "semgrep": ("VER4", OWN)}
"""What the other engines' comments mean without a code: all that the engine says."""


def _matches(words: str) -> Iterable[tuple[re.Match[str], str]]:
    for pattern, engine in ((_OURS, "verifier"), (_NOSEC, "bandit"), (_NOSEMGREP, "semgrep")):
        for match in pattern.finditer(words):
            yield match, engine


def _codes(words: str, engine: str) -> tuple[str, ...]:
    if engine == "bandit":
        return tuple(dict.fromkeys(_BANDIT_ID.findall(words)))
    if engine == "semgrep":
        first = (_WORD.search(part) for part in words.strip(" :").split(","))
        return tuple(each.group().rsplit(".", 1)[-1] for each in first if each)
    return tuple(dict.fromkeys(_WORD.findall(words)))
