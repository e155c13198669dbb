"""Modules, and names that modules answer by tables, as proofs: what is made as it runs, shared, or only called so."""

from __future__ import annotations

from pathlib import Path

import pytest
from shelf import serving
from test_proving import HEAD, proved, row
from test_proving_forms import words

MADE = (
    "from oldlib._utils import add_deprecated_classes\n"
    "__deprecated = {'old_operator': {'Old': 'oldlib.new.New'}}\n"
    "add_deprecated_classes(__deprecated, __name__)\n"
)
ANSWERING = (
    "from oldlib._utils import deprecation_getattr as _deprecation_getattr\n"
    "import typing\n"
    "_deprecations = {'old': ('oldlib.old is deprecated.', VALUE)}\n"
    "if typing.TYPE_CHECKING:\n    old = 1\n"
    "else:\n    __getattr__ = _deprecation_getattr(__name__, _deprecations)\n    del _deprecation_getattr\n"
)


def test_modules_that_a_package_makes(tmp_path: Path) -> None:
    utils = {
        "oldlib/_utils.py": "def add_deprecated_classes(table, package): ...\n",
        "oldlib/new.py": "class New: ...\n",
    }
    releases = {
        "1.0": {"oldlib/__init__.py": "", "oldlib/old_operator.py": "class Old: ...\n", **utils},
        "1.1": {"oldlib/__init__.py": MADE, **utils},
        "2.0": {"oldlib/__init__.py": "", **utils},
    }
    versions = {"deprecated": "1.1", "removed": "2.0"}
    module, name, other = words(
        tmp_path,
        releases,
        row("oldlib.old_operator", "module", **versions),
        row("oldlib.old_operator.Old", "class", **versions),
        row("oldlib.never_operator", "module", **versions),
    )
    assert module == (["1.0 present", "1.1 warns", "2.0 absent"], "")
    assert name == (["1.0 present", "1.1 warns", "2.0 absent"], "")
    assert other[1].startswith("contradicted")


def test_what_a_package_makes_for_itself(tmp_path: Path) -> None:
    utils = {"oldlib/_utils.py": "def add_deprecated_classes(table, package): ...\n"}
    own = MADE.replace("'old_operator'", "__name__")
    releases = {
        "1.0": {"oldlib/__init__.py": "class Old: ...\n", **utils},
        "1.1": {"oldlib/__init__.py": own, **utils},
        "2.0": {"oldlib/__init__.py": own.replace("'Old'", "'Other'"), **utils},
    }
    ((proof, open_),) = words(tmp_path, releases, row("oldlib.Old", "class", deprecated="1.1", removed="2.0"))
    assert (proof, open_) == (["1.0 present", "1.1 warns", "2.0 absent"], "")


def test_a_namespace_that_others_share(tmp_path: Path) -> None:
    head = HEAD.replace('distribution = "oldlib"', 'distribution = "shared-oldlib"')
    with serving() as shelf:
        for version, text in (("1.0", "def old(): ...\n"), ("2.0", "")):
            files = {"shared/oldlib/__init__.py": "", "shared/oldlib/part.py": text}
            shelf.add("shared-oldlib", version, files)
        rows = [row(f"shared.oldlib.part.{name}", "function", removed="2.0") for name in ("old", "never")]
        _, (old, never) = proved(shelf, tmp_path, *rows, head=head)
    assert [each.partition(" shared")[0] for each in old["proof"]] == ["1.0 present", "2.0 absent"]
    assert never["unproved"].startswith("contradicted: it is not there in 1.0")


def test_a_module_is_not_what_its_package_calls_so(tmp_path: Path) -> None:
    releases = {
        "1.0": {"oldlib/__init__.py": "", "oldlib/defaults.py": "", "oldlib/views.py": ""},
        "2.0": {"oldlib/__init__.py": "from oldlib import views as defaults\n", "oldlib/views.py": ""},
    }
    found = words(
        tmp_path,
        releases,
        row("oldlib.defaults", "module", removed="2.0"),
        row("oldlib.views", "module", removed="2.0"),
    )
    assert found[0] == (["1.0 present", "2.0 absent"], "")
    assert found[1][1].startswith("contradicted: it is still there in 2.0")


@pytest.mark.parametrize("kept", [True, False])
def test_a_table_of_deprecations_that_a_module_answers(tmp_path: Path, *, kept: bool) -> None:
    utils = {"oldlib/_utils.py": "def deprecation_getattr(module, table): ...\ndef _old(): ...\n"}
    value = "_old" if kept else "None"
    releases = {
        "1.0": {"oldlib/__init__.py": "def old(): ...\n", **utils},
        "1.1": {"oldlib/__init__.py": ANSWERING.replace("VALUE", "1"), **utils},
        "2.0": {
            "oldlib/__init__.py": ANSWERING.replace("VALUE", value).replace("    old = 1", "    other = 1"),
            "oldlib/__init__.pyi": "def old() -> None: ...\n",
            **utils,
        },
    }
    ((proof, open_),) = words(tmp_path, releases, row("oldlib.old", "function", deprecated="1.1", removed="2.0"))
    if kept:
        assert open_.startswith("contradicted: it is still there in 2.0")
    else:
        assert (proof, open_) == (["1.0 present", "1.1 warns", "2.0 absent"], "")


def test_a_table_that_is_changed_elsewhere_proves_nothing(tmp_path: Path) -> None:
    utils = {"oldlib/_utils.py": "def deprecation_getattr(module, table): ...\n"}
    changed = (
        ANSWERING.replace("VALUE", "None")
        .replace("import typing\n", "import typing, more\n")
        .replace("if typing", "_deprecations.update(more.table)\nif typing")
    )
    releases = {
        "1.0": {"oldlib/__init__.py": "def old(): ...\n", **utils},
        "2.0": {"oldlib/__init__.py": changed.replace("    old = 1", "    other = 1"), **utils},
    }
    ((proof, open_),) = words(tmp_path, releases, row("oldlib.old", "function", removed="2.0"))
    assert proof == ["1.0 present"]
    assert "__getattr__" in open_
