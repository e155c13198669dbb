"""How libraries deprecate and remove, each on an index of its own: what proves a row, and what only looks like it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner
from shelf import serving
from test_proving import HEAD, proved, row

from verifier.cli import cli
from verifier.proving.consistency import problems

HELPERS = (
    "import warnings\n"
    "class DeprecationError(Exception): ...\n"
    "def deprecate(msg, stacklevel=3):\n    warnings.warn(msg, DeprecationWarning, stacklevel=stacklevel)\n"
    "def deprecate_with_replacement(old, new):\n    deprecate(f'{old} is deprecated, use {new}', 4)\n"
    "def deprecation(msg):\n    raise DeprecationError(msg)\n"
    "def deprecation_with_replacement(old, new):\n    '''Raise.'''\n    deprecation(f'{old} was removed, use {new}')\n"
    "def deprecated_maybe(old, new):\n    if old:\n        raise DeprecationError(old)\n"
    "def deprecated_later(old):\n    yield\n    raise DeprecationError(old)\n"
)
OPENING = "from oldlib._utils import *\n"


def words(folder: Path, releases: Mapping[str, Mapping[str, str]], *rows: str) -> list[tuple[list[str], str]]:
    """What the releases say of each row, and what stays open."""
    with serving() as shelf:
        for version, files in releases.items():
            shelf.add("oldlib", version, files)
        checked, after = proved(shelf, folder, *rows)
        assert not checked.problems
        for each in after:
            named = each if "unproved" not in each else {**each, "reference": "https://example.org/"}
            contradicted = each.get("unproved", "").startswith("contradicted")
            assert bool(problems(named)) == contradicted, problems(named)
        return [
            ([" ".join(line.split()[:2]) for line in each.get("proof", ())], each.get("unproved", "")) for each in after
        ]


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ("deprecate_with_replacement('go', 'run')", "deprecation_with_replacement('go', 'run')", "raises"),
        ("deprecate_with_replacement('go', 'run')", "deprecation('go was removed')", "raises"),
        ("deprecate_with_replacement('go', 'run')", "deprecated_maybe('go', 'run')", ""),
        ("deprecate_with_replacement('go', 'run')", "deprecated_later('go')", ""),
        ("deprecate_with_replacement('go', 'run')", "if x: deprecation('go was removed')", ""),
        ("deprecate_with_replacement('go', 'run')", "deprecation_of_another_module('go was removed')", ""),
    ],
)
def test_helpers_that_say_it_for_many(tmp_path: Path, before: str, after: str, found: str) -> None:
    def library(body: str) -> dict[str, str]:
        text = f"class Thing:\n    def go(self, x=1):\n        '''Go.'''\n        {body}\n        return self.run(x)\n"
        return {"oldlib/__init__.py": f"{OPENING}{text}", "oldlib/_utils.py": HELPERS}

    releases = {"1.0": library("pass"), "1.1": library(before), "2.0": library(after)}
    ((proof, open_),) = words(tmp_path, releases, row("oldlib.Thing.go", "method", deprecated="1.1", removed="2.0"))
    if found:
        assert (proof, open_) == (["1.0 present", "1.1 warns", "2.0 raises"], "")
    else:
        assert open_.startswith("contradicted: it is still there in 2.0")


def test_a_class_whose_constructor_calls_such_a_helper(tmp_path: Path) -> None:
    def library(body: str) -> dict[str, str]:
        text = f"class Old:\n    def __init__(self):\n        {body}\n"
        return {"oldlib/__init__.py": f"{OPENING}{text}", "oldlib/_utils.py": HELPERS}

    releases = {
        "1.0": library("self.x = 1"),
        "1.1": library("deprecate_with_replacement('Old', 'New')"),
        "2.0": library("deprecation_with_replacement('Old', 'New')"),
    }
    ((proof, open_),) = words(tmp_path, releases, row("oldlib.Old", "class", deprecated="1.1", removed="2.0"))
    assert (proof, open_) == (["1.0 present", "1.1 warns", "2.0 raises"], "")


@pytest.mark.parametrize(
    ("method", "proof", "open_"),
    [
        ("import warnings\n        warnings.warn('use run', DeprecationWarning)", ["1.0 absent", "1.1 warns"], ""),
        ("'''.. deprecated:: 1.1\n\n        Use run.'''", [], "it is new in 1.1, whose documentation deprecates it"),
        ("pass", [], "contradicted: it is not there in 1.0"),
    ],
)
def test_what_is_born_deprecated(tmp_path: Path, method: str, proof: list[str], open_: str) -> None:
    releases = {
        "1.0": {"oldlib.py": "class Thing: ...\n"},
        "1.1": {"oldlib.py": f"class Thing: ...\nclass Newer:\n    def go(self):\n        {method}\n"},
    }
    ((lines, unproved),) = words(tmp_path, releases, row("oldlib.Newer.go", "method", deprecated="1.1"))
    assert lines == proof
    assert unproved.startswith(open_)


def test_a_release_without_the_whole_package_is_no_witness(tmp_path: Path) -> None:
    releases = {
        "1.0": {"otherlib.py": ""},
        "2.0": {"oldlib.py": "def old():\n    raise RuntimeError('old was removed')\n"},
    }
    ((proof, open_),) = words(tmp_path, releases, row("oldlib.old", "function", removed="2.0"))
    assert (proof, open_) == (["2.0 raises"], "1.0 has no oldlib at all")


@pytest.mark.parametrize("more", ['without = "hue"', 'beside = ["x"]', ""])
def test_what_depends_on_other_arguments(tmp_path: Path, more: str) -> None:
    text = "def plot(x=None, palette=None, hue=None): ...\n"
    releases = {"1.0": {"oldlib.py": text}, "2.0": {"oldlib.py": text}}
    ((proof, open_),) = words(tmp_path, releases, row("oldlib.plot(palette)", "parameter", removed="2.0") + f"{more}\n")
    if more:
        assert (proof, open_) == (["1.0 present"], "what it does depends on other arguments")
    else:
        assert open_.startswith("contradicted: it is still there in 2.0")


@pytest.mark.parametrize(
    ("implementation", "proof", "open_"),
    [
        ("def plot(x, hue=None): ...\n", ["1.0 present", "2.0 absent"], ""),
        ("def plot(x, hue=None, palette=None): ...\n", [], "contradicted: it is still there in 2.0"),
        ("def plot(x, **more): ...\n", [], "contradicted: it is still there in 2.0"),
    ],
)
def test_an_overload_promises_what_its_implementation_refuses(
    tmp_path: Path, implementation: str, proof: list[str], open_: str
) -> None:
    overloads = (
        "from typing import overload\n@overload\ndef plot(x: int) -> int: ...\n"
        "@overload\ndef plot(x: str, palette: str) -> str: ...\n"
    )
    releases = {
        "1.0": {"oldlib.py": "def plot(x, palette=None): ...\n"},
        "2.0": {"oldlib.py": f"{overloads}{implementation}"},
    }
    ((lines, unproved),) = words(tmp_path, releases, row("oldlib.plot(palette)", "parameter", removed="2.0"))
    assert lines == proof
    assert unproved.startswith(open_)


def test_what_a_person_has_checked_is_left_alone(tmp_path: Path) -> None:
    kept = row("oldlib.old", "function", removed="2.0") + 'unproved = "checked by hand: it raises for every data set"\n'
    file = tmp_path / "oldlib.toml"
    with serving() as shelf:
        shelf.add("oldlib", "1.0", {"oldlib.py": "def old(): ...\ndef other(): ...\n"})
        shelf.add("oldlib", "2.0", {"oldlib.py": "def old(): ...\n"})
        file.write_text("\n".join([HEAD, kept, row("oldlib.other", "function", removed="2.0")]), encoding="utf-8")
        words_ = ["rules", "check", "--all-rows", str(file), "--index-url", shelf.url, "--jobs", "1"]
        result = CliRunner().invoke(cli, words_)
    assert (result.exit_code, "1 more left alone: checked by hand" in result.output) == (0, True), result.output
    assert kept in file.read_text(encoding="utf-8")
    assert '"2.0 absent oldlib.py:1"' in file.read_text(encoding="utf-8")
