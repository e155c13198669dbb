"""Proofs of rows: what the releases of a written package say, how it is written down, and what is no proof."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from oldlib import GOING, GONE, PRESENT, RAISING, asking, shelf_of_oldlib
from shelf import Shelf, serving

from verifier.cli import cli
from verifier.distributions import DistributionFile
from verifier.proving.checking import Checked, check
from verifier.proving.consistency import problems
from verifier.proving.releases import python_of

HEAD = 'distribution = "oldlib"\nmodule = "oldlib"\n'


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    with shelf_of_oldlib() as running:
        yield running


def row(api: str, kind: str, **versions: str) -> str:
    """The text of one row."""
    lines = [f'api = "{api}"', f'kind = "{kind}"', *(f'{key} = "{value}"' for key, value in versions.items())]
    return "\n".join(["[[api]]", *lines, ""])


def proved(shelf: Shelf, folder: Path, *rows: str, head: str = HEAD) -> tuple[Checked, list[Mapping[str, Any]]]:
    """What a check finds of a table, and the rows that the file has afterwards."""
    file = folder / "oldlib.toml"
    file.write_text("\n".join([head, *rows]), encoding="utf-8")
    checked = check(asking(shelf, folder), file)
    return checked, tomllib.loads(file.read_text(encoding="utf-8"))["api"]


def test_each_change_is_proved_from_both_sides(shelf: Shelf, tmp_path: Path) -> None:
    checked, (after,) = proved(
        shelf, tmp_path, row("oldlib.old", "function", deprecated="1.1", removed="2.0", reintroduced="3.0")
    )
    assert not checked.problems
    assert after["proof"] == [
        "1.0 present oldlib/__init__.py:1",
        "1.1 warns oldlib/__init__.py:4",
        "2.0 absent oldlib/__init__.py:1",
        "3.0 present oldlib/__init__.py:1",
    ]
    assert "unproved" not in after
    assert problems(after) == []


@pytest.mark.parametrize(
    ("api", "kind", "versions", "proof"),
    [
        (
            "oldlib.Thing.go",
            "method",
            {"deprecated": "1.1", "removed": "2"},
            ["1.0 present oldlib/__init__.py:8", "1.1 warns oldlib/__init__.py:15", "2.0 absent oldlib/__init__.py:5"],
        ),
        (
            "oldlib.keep(b)",
            "parameter",
            {"removed": "1.5"},
            ["1.1 present oldlib/__init__.py:10", "2.0 absent oldlib/__init__.py:1"],
        ),
    ],
)
def test_methods_and_parameters(
    shelf: Shelf, tmp_path: Path, api: str, kind: str, versions: dict[str, str], proof: list[str]
) -> None:
    _, (after,) = proved(shelf, tmp_path, row(api, kind, **versions))
    assert after["proof"] == proof
    assert problems(after) == []


@pytest.mark.parametrize(
    ("api", "versions", "words"),
    [
        ("oldlib.keep", {"removed": "2.0"}, "it is still there in 2.0"),
        ("oldlib.old", {"deprecated": "2.0"}, "it is gone in 2.0"),
        ("oldlib.old", {"deprecated": "2.0", "removed": "3.0"}, "it warns already in 1.1"),
        ("oldlib.never", {"removed": "2.0"}, "it is not there in 1.1"),
        ("oldlib.old", {"removed": "2.0"}, "it is there again in 3.0"),
        ("oldlib.Thing.go", {"deprecated": "1.1"}, "it is gone in 3.0"),
    ],
)
def test_what_contradicts_a_row_is_no_proof(
    shelf: Shelf, tmp_path: Path, api: str, versions: dict[str, str], words: str
) -> None:
    kind = "method" if ".Thing." in api else "function"
    checked, (after,) = proved(shelf, tmp_path, row(api, kind, **versions))
    assert any(words in each for each in checked.verdicts[api].contradictions)
    assert "proof" not in after
    assert after["unproved"].startswith("contradicted: ")
    assert problems({**after, "reference": "https://example.org/"})


def test_what_answers_any_name_proves_nothing(tmp_path: Path) -> None:
    answering = "import other\ndef __getattr__(name):\n    return getattr(other, name)\n"
    with serving() as shelf:
        shelf.add("oldlib", "1.0", {"oldlib.py": PRESENT})
        shelf.add("oldlib", "2.0", {"oldlib.py": answering})
        checked, (after,) = proved(shelf, tmp_path, row("oldlib.old", "function", removed="2.0"))
    assert not checked.verdicts["oldlib.old"].contradictions
    assert after["proof"] == ["1.0 present oldlib.py:1"]
    assert "__getattr__" in after["unproved"]
    assert problems(after) == ["what is not proved in full needs a reference"]


def test_stars_of_unreadable_lists_prove_nothing(tmp_path: Path) -> None:
    inner = "import os\n__all__ = [each for each in dir(os)]\ndef old(): ...\n"
    with serving() as shelf:
        shelf.add("oldlib", "1.0", {"oldlib/__init__.py": "from oldlib.inner import *\n", "oldlib/inner.py": inner})
        shelf.add("oldlib", "2.0", {"oldlib/__init__.py": "", "oldlib/inner.py": inner})
        _, (after,) = proved(shelf, tmp_path, row("oldlib.old", "function", removed="2.0"))
    assert after["proof"] == ["2.0 absent oldlib/__init__.py:1"]
    assert "star import" in after["unproved"]


@pytest.mark.parametrize("stays", [True, False])
def test_what_a_list_that_cannot_be_read_likely_passes_on(tmp_path: Path, *, stays: bool) -> None:
    files = {
        "oldlib/__init__.py": "from oldlib.middle import *\n",
        "oldlib/middle.py": "from oldlib.inner import *\n__all__ = [each for each in dir() if each]\n",
        "oldlib/inner.py": "__all__ = ['old']\ndef old(): ...\n",
    }
    with serving() as shelf:
        shelf.add("oldlib", "1.0", files)
        shelf.add("oldlib", "2.0", files if stays else {**files, "oldlib/inner.py": "__all__ = []\n"})
        checked, (after,) = proved(shelf, tmp_path, row("oldlib.old", "function", removed="2.0"))
    assert not checked.verdicts["oldlib.old"].contradictions
    if stays:
        assert "proof" not in after
        assert "likely" in after["unproved"]
    else:
        assert after["proof"] == ["1.0 present oldlib/inner.py:2", "2.0 absent oldlib/__init__.py:1"]
        assert "unproved" not in after


def test_modules_that_are_loaded_when_asked_for_are_followed(tmp_path: Path) -> None:
    lazy = (
        "import importlib\nsubmodules = ['part']\n"
        "def __getattr__(name):\n    if name in submodules:\n"
        "        return importlib.import_module(f'oldlib.{name}')\n    raise AttributeError(name)\n"
    )
    with serving() as shelf:
        shelf.add("oldlib", "1.0", {"oldlib/__init__.py": lazy, "oldlib/part.py": "def old(): ...\n"})
        shelf.add("oldlib", "2.0", {"oldlib/__init__.py": lazy, "oldlib/part.py": ""})
        _, (after,) = proved(shelf, tmp_path, row("oldlib.part.old", "function", removed="2.0"))
    assert after["proof"] == ["1.0 present oldlib/part.py:1", "2.0 absent oldlib/part.py:1"]


def test_what_a_decorator_makes_of_a_class_proves_nothing(tmp_path: Path) -> None:
    base = "def more(c):\n    setattr(c, 'go', input())\n    return c\nclass Base:\n    def go(self, old=1): ...\n"
    with serving() as shelf:
        shelf.add("oldlib", "1.0", {"oldlib.py": f"{base}@more\nclass Thing(Base): ...\n"})
        shelf.add("oldlib", "2.0", {"oldlib.py": f"{base.replace('old=1', '')}@more\nclass Thing(Base): ...\n"})
        checked, (after,) = proved(shelf, tmp_path, row("oldlib.Thing.go(old)", "parameter", removed="2.0"))
    assert not checked.verdicts["oldlib.Thing.go(old)"].contradictions
    assert "proof" not in after


def test_a_stub_is_no_witness_against_its_source(tmp_path: Path) -> None:
    with serving() as shelf:
        both = {"oldlib/__init__.py": "def old(): ...\n", "oldlib/__init__.pyi": "def old() -> None: ...\n"}
        shelf.add("oldlib", "1.0", both)
        shelf.add("oldlib", "2.0", {**both, "oldlib/__init__.py": "def new(): ...\n"})
        _, (after,) = proved(shelf, tmp_path, row("oldlib.old", "function", removed="2.0"))
    assert after["proof"] == ["1.0 present oldlib/__init__.py:1", "2.0 absent oldlib/__init__.py:1"]


def test_a_body_that_only_raises_is_gone(tmp_path: Path) -> None:
    with serving() as shelf:
        shelf.add("oldlib", "1.0", {"oldlib.py": PRESENT})
        shelf.add("oldlib", "2.0", {"oldlib.py": RAISING, "oldlib_more.py": ""})
        _, (after,) = proved(shelf, tmp_path, row("oldlib.old", "function", removed="2.0"))
    assert after["proof"] == ["1.0 present oldlib.py:1", "2.0 raises oldlib.py:1"]


def test_a_module_that_raises_when_imported_is_gone(tmp_path: Path) -> None:
    with serving() as shelf:
        shelf.add("oldlib", "1.0", {"oldlib/__init__.py": "", "oldlib/part.py": "x = 1\n"})
        shelf.add("oldlib", "2.0", {"oldlib/__init__.py": "", "oldlib/part.py": "raise ImportError('gone')\n"})
        shelf.add("oldlib", "3.0", {"oldlib/__init__.py": ""})
        _, (first, second) = proved(
            shelf, tmp_path, row("oldlib.part", "module", removed="2.0"), row("oldlib.other", "module", removed="9.0")
        )
    assert first["proof"] == ["1.0 present oldlib/part.py:1", "2.0 raises oldlib/part.py:1"]
    assert second["unproved"].startswith("contradicted")


def test_old_wheels_and_source_archives_are_read(tmp_path: Path) -> None:
    with serving() as shelf:
        shelf.add("oldlib", "1.0", {"oldlib/__init__.py": PRESENT}, tag="cp27-cp27m-win32")
        shelf.add_source("oldlib", "1.1", {"oldlib/__init__.py": GOING})
        shelf.add("oldlib", "2.0", {"oldlib/__init__.py": GONE})
        checked, (after,) = proved(shelf, tmp_path, row("oldlib.old", "function", deprecated="1.1", removed="2.0"))
    assert not checked.problems
    assert [each.partition(" oldlib")[0] for each in after["proof"]] == ["1.0 present", "1.1 warns", "2.0 absent"]


def test_prereleases_and_yanked_releases_do_not_count(shelf: Shelf, tmp_path: Path) -> None:
    shelf.add("oldlib", "2.0rc1", {"oldlib/__init__.py": PRESENT})
    shelf.add("oldlib", "1.2", {"oldlib/__init__.py": GONE}, about={"yanked": "broken"})
    _, (after,) = proved(
        shelf, tmp_path, row("oldlib.old", "function", deprecated="1.1", removed="1.2", reintroduced="3.0")
    )
    assert [each.partition(" oldlib")[0] for each in after["proof"]] == [
        "1.0 present",
        "1.1 warns",
        "2.0 absent",
        "3.0 present",
    ]


def test_a_silent_deprecation_is_said_to_be_silent(tmp_path: Path) -> None:
    with serving() as shelf:
        shelf.add("oldlib", "1.0", {"oldlib.py": PRESENT})
        shelf.add("oldlib", "1.1", {"oldlib.py": PRESENT})
        _, (after,) = proved(shelf, tmp_path, row("oldlib.old", "function", deprecated="1.1"))
    assert after["proof"] == ["1.0 present oldlib.py:1"]
    assert after["unproved"] == "no warning was found in 1.1"


def test_without_an_index_nothing_is_written(tmp_path: Path) -> None:
    with serving() as shelf:
        pass
    text = row("oldlib.old", "function", removed="2.0")
    checked, (after,) = proved(shelf, tmp_path, text)
    assert [each.kind for each in checked.problems] == ["index"]
    assert set(after) == {"api", "kind", "removed"}
    assert (tmp_path / "oldlib.toml").read_text(encoding="utf-8") == f"{HEAD}\n{text}"


def test_a_release_that_cannot_be_fetched_leaves_its_rows_alone(shelf: Shelf, tmp_path: Path) -> None:
    broken = shelf.add("oldlib", "2.6", {"oldlib/__init__.py": GONE})
    shelf.files["oldlib"][broken] = b"no archive"
    checked, (first, second) = proved(
        shelf,
        tmp_path,
        row("oldlib.old", "function", deprecated="1.1", removed="2.0", reintroduced="3.0"),
        row("oldlib.keep(b)", "parameter", removed="2.0"),
    )
    assert len(checked.problems) == 1
    assert "oldlib 2.6" in checked.problems[0].text
    assert "proof" not in first
    assert len(second["proof"]) == 2


def test_what_people_wrote_stays(shelf: Shelf, tmp_path: Path) -> None:
    first = row("oldlib.old", "function", removed="2.0", reintroduced="3.0").rstrip() + "   # remark\n"
    second = row("oldlib.keep(b)", "parameter", removed="2.0")
    before = 'before = """\n[[api]]\nx = oldlib.keep(1, b=2)\n"""\n'
    file = tmp_path / "oldlib.toml"
    file.write_text(f"# top\n{HEAD}\n{first}{before}\n# about the second\n{second}", encoding="utf-8")
    check(asking(shelf, tmp_path), file)
    kept = [
        line for line in file.read_text(encoding="utf-8").splitlines() if not line.startswith(("proof", "    ", "]"))
    ]
    assert "\n".join(kept) == f"# top\n{HEAD}\n{first}{before}\n# about the second\n{second}".rstrip()
    text = file.read_text(encoding="utf-8")
    check(asking(shelf, tmp_path), file, every=True)
    assert file.read_text(encoding="utf-8") == text


def test_proved_rows_are_not_asked_again(shelf: Shelf, tmp_path: Path) -> None:
    proved(shelf, tmp_path, row("oldlib.keep(b)", "parameter", removed="2.0"))
    before = len(shelf.asked)
    assert not check(asking(shelf, tmp_path), tmp_path / "oldlib.toml").verdicts
    assert len(shelf.asked) == before
    assert check(asking(shelf, tmp_path), tmp_path / "oldlib.toml", every=True).verdicts


def test_processes_find_the_same(shelf: Shelf, tmp_path: Path) -> None:
    text = row("oldlib.old", "function", deprecated="1.1", removed="2.0", reintroduced="3.0")
    file = tmp_path / "oldlib.toml"
    file.write_text(f"{HEAD}\n{text}", encoding="utf-8")
    assert check(asking(shelf, tmp_path), file, jobs=2).verdicts == proved(shelf, tmp_path, text)[0].verdicts


def test_the_standard_library_is_proved_by_typeshed(shelf: Shelf, tmp_path: Path) -> None:
    _, rows = proved(
        shelf,
        tmp_path,
        row("imp", "module", removed="3.12"),
        row("asyncio.SafeChildWatcher", "class", deprecated="3.12", removed="3.14"),
        row("time.clock", "function", deprecated="3.3", removed="3.8"),
        row("typing.override", "function", removed="3.11"),
        head='distribution = "python"\nmodule = "imp"\n',
    )
    assert [each.split()[:2] for each in rows[0]["proof"]] == [["3.11", "present"], ["3.12", "absent"]]
    assert [each.split()[:2] for each in rows[1]["proof"]] == [
        ["3.11", "present"],
        ["3.12", "warns"],
        ["3.13", "warns"],
        ["3.14", "absent"],
    ]
    assert "proof" not in rows[2], "that typeshed lacks what it never had proves nothing"
    assert "unproved" in rows[3]
    assert not shelf.asked


@pytest.mark.parametrize(
    ("names", "requires", "python"),
    [
        (["a-1-py3-none-any.whl"], "", (3, 14)),
        (["a-1-py3-none-any.whl"], ">=3.6,<3.9", (3, 8)),
        (["a-1-cp310-cp310-win32.whl", "a-1-cp39-cp39-manylinux1_x86_64.whl"], "", (3, 10)),
        (["a-1-cp38-abi3-win32.whl"], "", (3, 14)),
        (["a-1-cp27-cp27m-win32.whl"], "", (3, 3)),
        (["a-1-cp36-cp36m-win32.whl", "a-1.tar.gz"], "", (3, 6)),
        (["a-1.tar.gz"], "<3.8", (3, 7)),
    ],
)
def test_the_newest_python_that_a_release_was_made_for(
    names: list[str], requires: str, python: tuple[int, int]
) -> None:
    files = [DistributionFile(name, "", "1", requires_python=requires) for name in names]
    assert python_of(files) == python


def test_the_list_of_rules_is_still_there() -> None:
    assert "VER302" in CliRunner().invoke(cli, ["rules"]).output


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["check", "no-such-table"], "has no table"),
        (["derive", "oldlib", "1.0", "9.9"], "no two stable releases"),
    ],
)
def test_mistakes_are_told(shelf: Shelf, words: list[str], message: str) -> None:
    result = CliRunner().invoke(cli, ["rules", *words, "--index-url", shelf.url])
    assert result.exit_code == 2
    assert message in result.output


def test_the_commands(shelf: Shelf, tmp_path: Path) -> None:
    file = tmp_path / "oldlib.toml"
    file.write_text(f"{HEAD}\n{row('oldlib.keep', 'function', removed='2.0')}", encoding="utf-8")
    result = CliRunner().invoke(cli, ["rules", "check", str(file), "--index-url", shelf.url, "--jobs", "1"])
    assert (result.exit_code, "still there in 2.0" in result.output) == (1, True), result.output
    file.write_text(f"{HEAD}\n{row('oldlib.keep(b)', 'parameter', removed='2.0')}", encoding="utf-8")
    result = CliRunner().invoke(cli, ["rules", "check", str(file), "--index-url", shelf.url, "--jobs", "1"])
    assert (result.exit_code, "1 proved" in result.output) == (0, True), result.output
    result = CliRunner().invoke(
        cli, ["rules", "derive", "oldlib", "1.0", "2.0", "--index-url", shelf.url, "--jobs", "1"]
    )
    assert result.exit_code == 0, result.output
    assert 'api = "oldlib.old"' in result.output
