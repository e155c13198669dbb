"""Rows that are proposed from two releases of a written package, and what is left out."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from oldlib import GOING, GONE, PRESENT, asking, shelf_of_oldlib
from shelf import Shelf, serving

from verifier.proving.consistency import problems
from verifier.proving.deriving import Derived, derive, written


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    with shelf_of_oldlib() as running:
        yield running


def derived(shelf: Shelf, folder: Path, old: str = "1.0", new: str = "2.0", **more: Any) -> Derived:
    return derive(asking(shelf, folder), "oldlib", (old, new), **more)


def test_rows_are_derived_with_dates_and_proof(shelf: Shelf, tmp_path: Path) -> None:
    found = derived(shelf, tmp_path)
    rows = {each["api"]: each for each in tomllib.loads(written(found))["api"]}
    assert set(rows) == {"oldlib.old", "oldlib.Thing.go", "oldlib.keep(b)"}
    assert rows["oldlib.old"] | {"proof": None} == {
        "api": "oldlib.old",
        "kind": "function",
        "deprecated": "1.1",
        "removed": "2.0",
        "replacement": "`new`",
        "proof": None,
    }
    assert rows["oldlib.keep(b)"]["removed"] == "2.0"
    assert not [found for each in rows.values() for found in problems(each)]


def test_what_is_only_deprecated_is_derived(shelf: Shelf, tmp_path: Path) -> None:
    rows = {each["api"]: each for each in derived(shelf, tmp_path, "1.0", "1.1").rows}
    assert set(rows) == {"oldlib.old", "oldlib.Thing.go"}
    assert rows["oldlib.old"]["deprecated"] == "1.1"
    assert "removed" not in rows["oldlib.old"]


def test_the_release_in_between_is_found(tmp_path: Path) -> None:
    with serving() as shelf:
        for minor in range(12):
            shelf.add("oldlib", f"1.{minor}", {"oldlib.py": PRESENT if minor < 7 else GONE})
        rows = derived(shelf, tmp_path, "1.0", "1.11").rows
        opened = {each for each in shelf.asked if "files" in each}
    assert {each["removed"] for each in rows} == {"1.7"}
    assert len(opened) < 12, "halving need not read every release"


def test_moved_private_and_vendored_things_are_not_derived(tmp_path: Path) -> None:
    with serving() as shelf:
        old = {
            "oldlib/__init__.py": "from oldlib.core import f\ndef _own(): ...\n",
            "oldlib/core.py": "def f(): ...\n",
            "oldlib/_inner.py": "def g(): ...\n",
            "oldlib/vendored/thing.py": "def h(): ...\n",
            "oldlib/tests/test_it.py": "def test(): ...\n",
        }
        shelf.add("oldlib", "1.0", old)
        shelf.add(
            "oldlib", "2.0", {"oldlib/__init__.py": "from oldlib._new import f\n", "oldlib/_new.py": "def f(): ...\n"}
        )
        rows = derived(shelf, tmp_path).rows
    assert [each["api"] for each in rows] == ["oldlib.core"]


def test_only_the_named_modules_are_derived(shelf: Shelf, tmp_path: Path) -> None:
    shelf.add("oldlib", "1.5", {"oldlib/__init__.py": GOING, "oldlib/part.py": "def f(a): ...\n"})
    shelf.add("oldlib", "1.6", {"oldlib/__init__.py": GONE, "oldlib/part.py": "def f(b): ...\n"})
    rows = derived(shelf, tmp_path, "1.5", "1.6", modules=("oldlib.part",)).rows
    assert [each["api"] for each in rows] == ["oldlib.part.f(a)"]


@pytest.mark.parametrize(("old", "new"), [("2.0", "1.0"), ("1.0", "1.0"), ("1.0", "7.7"), ("1.0", "no version")])
def test_no_two_releases_are_an_error(shelf: Shelf, tmp_path: Path, old: str, new: str) -> None:
    with pytest.raises(ValueError, match=r"stable releases|Invalid version"):
        derived(shelf, tmp_path, old, new)


def test_without_an_index_nothing_is_derived(tmp_path: Path) -> None:
    with serving() as shelf:
        pass
    found = derived(shelf, tmp_path)
    assert not found.rows
    assert [each.kind for each in found.problems] == ["index"]
