"""The standard library by version: gone and not-yet-there modules are told, and nothing real is called missing."""

from __future__ import annotations

import sys
import sysconfig
from pathlib import Path

import pytest

from verifier.world.stdlib import exists, knows_submodule, versions

OURS = sys.version_info[:2]


@pytest.mark.parametrize(
    ("module", "first", "last"),
    [
        ("json", (3, 0), None),
        ("distutils", (3, 0), (3, 11)),
        ("distutils.core", (3, 0), (3, 11)),
        ("imp", (3, 0), (3, 11)),
        ("asyncore", (3, 0), (3, 11)),
        ("asynchat", (3, 0), (3, 11)),
        ("smtpd", (3, 0), (3, 11)),
        ("binhex", (3, 0), (3, 10)),
        ("cgi", (3, 0), (3, 12)),
        ("telnetlib", (3, 0), (3, 12)),
        ("formatter", (3, 0), (3, 9)),
        ("tomllib", (3, 11), None),
        ("zoneinfo", (3, 9), None),
        ("asyncio.taskgroups", (3, 11), None),
    ],
)
def test_first_and_last_version(module: str, first: tuple[int, int], last: tuple[int, int] | None) -> None:
    assert versions(module) == (first, last)


@pytest.mark.parametrize("module", ["requests", "numpy.linalg", "jsonn", "_nothing_like_it"])
def test_other_names_were_never_part_of_it(module: str) -> None:
    assert versions(module) is None
    assert exists(module, (3, 12)) is not True


@pytest.mark.parametrize(
    ("module", "python"),
    [
        ("distutils", (3, 12)),
        ("distutils.core", (3, 12)),
        ("imp", (3, 12)),
        ("binhex", (3, 11)),
        ("tomllib", (3, 10)),
        ("asyncio.timeouts", (3, 10)),
        ("importlib.resources.abc", (3, 10)),
        ("symbol", (3, 10)),
        ("collections.nothing", (3, 12)),
        ("os.nothing", (3, 12)),
        ("concurrent.future", (3, 12)),
        ("json.loads", (3, 12)),
        ("urllib.urlencode", (3, 12)),
        ("urllib2", (3, 12)),
        ("requests", (3, 12)),
    ],
)
def test_what_a_version_does_not_have(module: str, python: tuple[int, int]) -> None:
    assert exists(module, python) is False


@pytest.mark.parametrize(
    ("module", "python"),
    [
        ("os.path", (3, 12)),
        ("distutils.core", (3, 11)),
        ("xml.etree.ElementTree", (3, 12)),
        ("xml.etree.cElementTree", (3, 12)),
        ("concurrent.futures.thread", (3, 12)),
        ("importlib.resources.abc", (3, 11)),
        ("email.mime.text", (3, 12)),
        ("_thread", (3, 12)),
        ("this", (3, 12)),
        ("antigravity", (3, 12)),
        ("winreg", (3, 12)),
        ("test", (3, 12)),
        ("idlelib", (3, 12)),
        ("lib2to3", (3, 12)),
        ("__future__", (3, 12)),
    ],
)
def test_what_a_version_has(module: str, python: tuple[int, int]) -> None:
    assert exists(module, python) is True


@pytest.mark.parametrize(
    "module",
    [
        "encodings.utf_8",
        "encodings.no_such_codec",
        "test.support",
        "test.no_such_test",
        "idlelib.run",
        "lib2to3.pgen2",
        "lib2to3.btm_utils",
        "ctypes.macholib.dyld",
        "email._encoded_words",
        "unittest.test.support",
        "xml.etree.cElementTree",
        "_opcode",
        "_private_module_of_python",
        "_typeshed",
    ],
)
def test_what_typeshed_leaves_out_is_never_called_missing(module: str) -> None:
    assert exists(module, (3, 12)) is not False


def test_a_python_that_typeshed_does_not_know_may_have_anything_new() -> None:
    assert exists("brand_new", (3, 99)) is None
    assert exists("json.brand_new", (3, 99)) is None
    assert exists("json", (3, 99)) is True
    assert exists("imp", (3, 99)) is False


@pytest.mark.parametrize(
    ("module", "known"),
    [("json.x", True), ("os.x", True), ("test.x", False), ("json._x", False), ("other.x", False)],
)
def test_where_typeshed_describes_all_sub_modules(module: str, known: bool) -> None:
    assert knows_submodule(module) is known


def test_every_module_of_the_python_that_runs_us_exists() -> None:
    folder = Path(sysconfig.get_path("stdlib"))
    modules = {".".join(parts) for file in folder.rglob("*.py") if (parts := parts_of(file.relative_to(folder)))}
    assert len(modules) > 400
    names = {name for name in modules | sys.stdlib_module_names if not name.startswith("__")}
    assert {name for name in names if exists(name, OURS) is False} == set()
    assert {name for name in names if versions(name) is None} == set()


def parts_of(file: Path) -> tuple[str, ...]:
    parts = file.with_suffix("").parts
    parts = parts[:-1] if parts[-1] in {"__init__", "__main__"} else parts
    if "site-packages" in parts or "dist-packages" in parts or not all(part.isidentifier() for part in parts):
        return ()
    return parts
