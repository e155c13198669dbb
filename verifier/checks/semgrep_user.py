"""The project's own Semgrep rules: read from the files that the configuration names, run as they are, ids kept."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pathspec

from verifier.model import Finding, Problem, ProblemKind, Rule, Severity, Span

_LEVELS = {
    "ERROR": Severity.ERROR,
    "CRITICAL": Severity.ERROR,
    "HIGH": Severity.ERROR,
    "WARNING": Severity.WARNING,
    "MEDIUM": Severity.WARNING,
    "LOW": Severity.INFO,
    "INFO": Severity.INFO,
    "INVENTORY": Severity.INFO,
    "EXPERIMENT": Severity.INFO,
}
_PRECISIONS = {"HIGH": "high", "MEDIUM": "medium", "LOW": "low"}


@dataclass(frozen=True, slots=True)
class UserRule:
    """One rule of the project's own: as a rule of ours, as semgrep's entry, and the files that it is about.

    The entry has an id of ours, because a user's may have dots in it.
    """

    rule: Rule
    entry: Mapping[str, Any]
    include: pathspec.GitIgnoreSpec | None
    exclude: pathspec.GitIgnoreSpec | None
    root: Path

    def finding(self, path: str, span: Span, message: str, line: str) -> Finding | None:
        """The finding of a match; None where the rule's `paths` leave the file out."""
        relative = os.path.relpath(Path(path).resolve(), self.root).replace(os.sep, "/")
        if self.include is not None and not self.include.match_file(relative):
            return None
        if self.exclude is not None and self.exclude.match_file(relative):
            return None
        rule = self.rule
        return Finding(rule.code, path, span, message.strip(), rule.severity, evidence={"matched": line})


def load(patterns: Sequence[str], root: Path) -> tuple[list[UserRule], list[Problem]]:
    """The rules of the files that glob patterns, relative to the root, name; and what could not be read."""
    rules: dict[str, UserRule] = {}
    problems: list[Problem] = []
    for pattern in patterns:
        files = sorted(each for each in root.glob(pattern) if each.is_file()) if not Path(pattern).is_absolute() else []
        if Path(pattern).is_file():
            files = [Path(pattern)]
        if not files:
            problems.append(_problem(f"semgrep-rules: no file is called {pattern!r} below {root}"))
        for file in files:
            for found in _rules(file, root):
                if isinstance(found, Problem):
                    problems.append(found)
                elif found.rule.code in rules:
                    problems.append(_problem(f"{file}: another rule is called {found.rule.code!r} already"))
                else:
                    entry = {**found.entry, "id": f"user{len(rules)}"}
                    rules[found.rule.code] = replace(found, entry=entry)
    return list(rules.values()), problems


def _rules(file: Path, root: Path) -> Iterator[UserRule | Problem]:
    import yaml  # noqa: PLC0415  # most projects have no rules of their own

    try:
        data = yaml.safe_load(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        yield _problem(f"{file}: cannot be read as rules: {' '.join(str(error).split())}")
        return
    entries = data.get("rules") if isinstance(data, dict) else None
    if not isinstance(entries, list):
        yield _problem(f"{file}: has no list of `rules`")
        return
    for entry in entries:
        if not isinstance(entry, dict) or not isinstance(entry.get("id"), str):
            yield _problem(f"{file}: a rule without an id")
        elif not {"python", "py", "generic", "regex"} & {str(each).lower() for each in entry.get("languages") or ()}:
            continue  # it is about other languages
        else:
            yield _rule(entry, root.resolve())


def _rule(entry: Mapping[str, Any], root: Path) -> UserRule:
    meta, paths = _table(entry, "metadata"), _table(entry, "paths")
    cwe = meta.get("cwe", ())
    words = [cwe] if isinstance(cwe, str) else [str(each) for each in cwe]
    message = str(entry.get("message", entry["id"]))
    rule = Rule(
        code=entry["id"],
        name=entry["id"],
        family="security",
        summary=message.strip(),
        message=message,
        severity=_LEVELS.get(str(entry.get("severity", "WARNING")).upper(), Severity.WARNING),
        precision=_PRECISIONS.get(str(meta.get("confidence", "")).upper(), "medium"),
        check="semgrep",
        why=message.strip(),
        instead=str(entry.get("fix") or meta.get("references") or "See the rule."),
        bad=(),
        good=(),
        measured="A rule of this project.",
        cwe=tuple(each.split(":")[0].strip() for each in words),
    )
    kept = {key: value for key, value in entry.items() if key != "paths"}
    return UserRule(rule, kept, _spec(paths.get("include")), _spec(paths.get("exclude")), root)


def _table(entry: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = entry.get(key)
    return found if isinstance(found, dict) else {}


def _spec(patterns: Any) -> pathspec.GitIgnoreSpec | None:
    return pathspec.GitIgnoreSpec.from_lines([str(each) for each in patterns]) if isinstance(patterns, list) else None


def _problem(text: str) -> Problem:
    return Problem(None, ProblemKind.ENGINE, text)
