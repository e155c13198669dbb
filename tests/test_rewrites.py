"""Every row with a fix: its `before` becomes its `after`, exactly, and nothing is left to fix in that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from difflib import unified_diff
from pathlib import Path
from typing import Any

import pytest

from verifier import catalogue, deprecations
from verifier.deprecations import Api
from verifier.examine import examine
from verifier.fixing.applying import apply
from verifier.fixing.rounds import MOST_ROUNDS
from verifier.model import Project, Requirement, Source

RULES = [rule for rule in catalogue.load() if rule.check == "deprecated"]
TABLES = {
    name: [(row, api) for row, api in zip(data["api"], deprecations.rows_of(data), strict=True) if "fix" in row]
    for name, data in catalogue.tables("deprecated")
}
FILE = Path("nowhere/example.py").absolute()
FIX_KEYS = {"fix", "rewrite", "before", "after"}


@pytest.mark.parametrize("name", [name for name, rows in TABLES.items() if rows])
def test_before_becomes_after(name: str) -> None:
    wrong = [f"{api.api}:\n{words}" for row, api in TABLES[name] for words in _mistakes(row, api)]
    assert not wrong, f"{len(wrong)} of {len(TABLES[name])} rows of {name}\n\n" + "\n\n".join(wrong)


@pytest.mark.parametrize("name", TABLES)
def test_a_fix_is_whole(name: str) -> None:
    for row in catalogue.table(f"deprecated/{name}")["api"]:
        given = FIX_KEYS & row.keys()
        assert given in (set(), FIX_KEYS), f"{row['api']} has {sorted(given)}"
        assert row.get("fix", "safe") in {"safe", "unsafe"}, row["api"]


def _mistakes(row: Mapping[str, Any], api: Api) -> Iterator[str]:
    before, after = row["before"].lstrip("\n"), row["after"].lstrip("\n")
    if not {"before", "after"} <= row.keys() or before == after:
        yield "before and after are the same"
        return
    for version in dict.fromkeys(filter(None, (api.removed, api.deprecated))):
        given, told = fixed(before, _project(api, version), unsafe=row["fix"] == "unsafe")
        if given != after:
            lines = unified_diff(after.splitlines(True), given.splitlines(True), "after", f"got with {version}")
            yield f"{''.join(lines)}{told}"
            return
    if row["fix"] == "unsafe" and fixed(before, _project(api, version), unsafe=False)[0] != before:
        yield "a safe fix of another row changes `before`: the row is not what the example is about"


def fixed(text: str, project: Project, *, unsafe: bool) -> tuple[str, str]:
    """The text after all fixes, and what the first check said."""
    data = text.encode()
    told = ""
    for _ in range(MOST_ROUNDS + 1):
        examined = examine(Source("example.py", FILE, data=data), RULES, project)
        said = [f"{each.span.line}: {each.message} | fix: {each.fix and each.fix.title}" for each in examined.findings]
        said += [f"{each.kind}: {each.text}" for each in examined.problems]
        told = told or "\n".join(said) or "nothing is reported"
        applied = apply(data, examined.findings, unsafe=unsafe)
        if not applied.fixed:
            return data.decode(), told
        data = applied.data
    return data.decode(), f"{told}\nnot done after {MOST_ROUNDS} rounds"


def _project(api: Api, version: str) -> Project:
    """A project without packages that pins the version at which the row complains."""
    project = Project(Path("nowhere").absolute(), (3, 12))
    if api.distribution == "python":
        major, minor = version.split(".")[:2]
        return replace(project, python=(int(major), int(minor)))
    return replace(project, declared=(Requirement(api.distribution, f"=={version}", "a test"),))
