"""The calls of fixtures/deprecations/, each with what must be said of it at versions before, in and after a change."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from verifier.model import Finding

FOLDER = Path(__file__).parent.parent / "fixtures" / "deprecations"
MARK = "# here"


@dataclass(frozen=True, slots=True)
class Case:
    """A small file, the line that uses the API, and the code that is right at each version (empty: silence)."""

    distribution: str
    number: int
    code: str
    line: int
    verdicts: Mapping[str, str]
    by_files: bool
    """Whether only the package's files show what class it is about."""


def distributions() -> list[str]:
    """The distributions that have cases."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def cases(distribution: str) -> Iterator[Case]:
    """The cases of a distribution."""
    data = tomllib.loads((FOLDER / f"{distribution}.toml").read_text(encoding="utf-8"))
    for number, each in enumerate(data["case"], 1):
        code = each["code"].lstrip("\n")
        (line,) = (index for index, text in enumerate(code.split("\n"), 1) if MARK in text)
        yield Case(data["distribution"], number, code, line, each["verdicts"], each.get("by-files", False))


def write(folder: Path, distribution: str, version: str, *, files: bool) -> dict[str, Case]:
    """Write the cases that say something of a version; gives them by the path under which they are reported.

    `files`: those too that need the package's files.
    """
    found: dict[str, Case] = {}
    for case in cases(distribution):
        if version in case.verdicts and (files or not case.by_files):
            file = folder / f"case_{case.number}" / "case.py"
            file.parent.mkdir(parents=True)
            file.write_text(case.code, encoding="utf-8")
            found[f"{folder.name}/case_{case.number}/case.py"] = case
    return found


def versions(distribution: str) -> list[str]:
    """Every version that a case of the distribution says something of."""
    return list(dict.fromkeys(version for case in cases(distribution) for version in case.verdicts))


def said(findings: list[Finding], path: str, case: Case) -> str:
    """The code of what was found at a case's line; the worst where there are several, with what stands elsewhere."""
    codes = {each.code for each in findings if each.path == path and each.span.line == case.line}
    elsewhere = {f"{each.code} in line {each.span.line}" for each in findings if each.path == path} - {
        f"{code} in line {case.line}" for code in codes
    }
    return " and ".join([*sorted(codes)[:1], *sorted(elsewhere)])
