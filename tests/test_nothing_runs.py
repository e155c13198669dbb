"""Nothing that is looked at is executed: code that would leave a marker when it runs leaves none."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from site_packages import distribute, write

from verifier import catalogue
from verifier.cli import main
from verifier.config import Config
from verifier.engine import run
from verifier.model import Report
from verifier.world import store

CODE = """\
import bomb
import bomb.inner as inner
import compiled_bomb
import mine
from bomb import Thing, lazy, missing
from bomb._stubbed import only_in_the_source
from bomb.inner import deep, helper
from bomb.nowhere import nothing
from mine import local, own_thing

thing = Thing(1)
thing.method(colour="red")
thing.no_such_method()
bomb.function(1, 2, 3, unknown=4)
bomb.no_such_name
inner.no_such_name
bomb.lazy.attribute
mine.no_such_name
mine.local.no_such_name
lazy(unknown=1), helper(unknown=1), deep.x, missing, nothing, own_thing, compiled_bomb.x, local
"""

MODULE = """\
{boom}
import sys
from bomb import inner
from .inner import *
from ._stubbed import only_in_the_stub
exec("created = 1")
globals().update({{"updated": 1}})
__all__ = ["Thing", "function"] + inner.__all__


def __getattr__(name):
    {boom}
    if name == "lazy":
        return print
    raise AttributeError(name)


class Meta(type):
    def __call__(cls, *args, **kwargs):
        {boom}


def decorator(function):
    {boom}
    return function


@decorator
class Thing(metaclass=Meta):
    size: ({boom}) = 1

    def method(self, value={default}) -> "Thing":
        {boom}

    def __getattr__(self, name):
        {boom}


@decorator
def function(first, *, second=eval("1")) -> "__import__('bomb')":
    {boom}
"""


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    return tmp_path / "marker"


@pytest.fixture
def root(tmp_path: Path, marker: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose every file, and an environment whose every file, writes the marker when it runs."""
    call = f"open({str(marker)!r}, 'a').write(__file__)"
    text = MODULE.format(boom=call, default=f"({call}, 1)[1]")
    root = tmp_path / "project"
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    site = root / ".venv" / "lib" / version / "site-packages"
    write(root / ".venv" / "pyvenv.cfg", f"version = {sys.version_info[0]}.{sys.version_info[1]}.0\n")
    for name in ("python", "python3"):
        write(root / ".venv" / "bin" / name, f"#!/bin/sh\necho ran >> {marker}\n")
        (root / ".venv" / "bin" / name).chmod(0o755)
    for name in ("bomb/__init__.py", "bomb/__init__.pyi", "bomb-stubs/__init__.pyi"):
        write(site / name, text)
    write(site / "bomb" / "inner.py", f"__all__ = ['deep']\n{call}\nimport bomb as deep\ndef helper(): ...\n")
    write(site / "bomb" / "_stubbed.py", f"only_in_the_stub = only_in_the_source = {call}\n")
    write(site / "bomb" / "_stubbed.pyi", text)
    write(site / "compiled_bomb.cpython-311-x86_64-linux-gnu.so", "no library at all")
    write(site / "started.pth", f"import bomb; open({str(marker)!r}, 'a').write('pth')\n")
    for name in ("sitecustomize.py", "usercustomize.py", "__editable___bomb_finder.py"):
        write(site / name, call)
    write(site / "__editable__.bomb.pth", "import __editable___bomb_finder; __editable___bomb_finder.install()\n")
    distribute(site, "bomb", "1.0", "bomb/__init__.py", "bomb/inner.py")
    for name in ("setup.py", "conftest.py", "sitecustomize.py", "noxfile.py", "mine/__init__.py", "mine/local.py"):
        write(root / name, f"{call}\nown_thing = 1\n")
    write(root / "pyproject.toml", '[project]\nname = "mine"\nversion = "1"\ndependencies = ["bomb"]\n')
    for number in range(5):
        write(root / f"file{number}.py", f"{call}\n{CODE}")
    monkeypatch.chdir(root)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return root


def every_code() -> tuple[str, ...]:
    return tuple(rule.code for rule in catalogue.load())


def check(root: Path, marker: Path, config: Config) -> Report:
    report = run([root], config, environ={"HOME": str(root)})
    assert not marker.exists(), f"this ran: {marker.read_text()}"
    return report


def looked_at() -> set[str]:
    """The modules that the run read, as the store has them."""
    database = sqlite3.connect(store.folder(None) / "symbols.sqlite3")
    try:
        return {module for (module,) in database.execute("select module from tables")}
    finally:
        database.close()


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("python", [None, ".venv"])
def test_a_run_with_every_rule_executes_nothing(root: Path, marker: Path, jobs: int, python: str | None) -> None:
    config = Config(root=root, select=every_code(), offline=True, jobs=jobs, python=python)
    for _ in range(2):  # the second time from the store
        report = check(root, marker, config)
    assert report.files >= 5 + 6
    if jobs == 1:
        assert looked_at() >= {"bomb", "bomb.inner", "bomb._stubbed", "mine", "mine.local"}
    assert ".venv" in report.environment
    assert {finding.path for finding in report.findings} >= {f"file{number}.py" for number in range(5)}


def test_the_interpreter_in_an_environment_is_not_started(root: Path, marker: Path) -> None:
    config = Config(root=root, offline=True, no_cache=True, jobs=1, python=".venv/bin/python")
    assert check(root, marker, config).files


def test_standard_input_executes_nothing(root: Path, marker: Path) -> None:
    config = Config(root=root, offline=True, no_cache=True, jobs=1)
    report = run([], config, standard_input=("file.py", CODE.encode()), environ={})
    assert report.files == 1
    assert not marker.exists()


def test_the_command_executes_nothing(root: Path, marker: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["verify", "--offline", "--jobs", "1", str(root / "file0.py")])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 1
    assert not marker.exists()


@pytest.mark.parametrize("module", ["bomb", "bomb.inner", "mine.local", "conftest", "setup", "sitecustomize"])
def test_these_files_would_leave_a_marker_if_they_ran(root: Path, marker: Path, module: str) -> None:
    site = next((root / ".venv").rglob("site-packages"))
    code = f"import sys; sys.path[:0] = [{str(root)!r}, {str(site)!r}]; import {module}"
    subprocess.run([sys.executable, "-S", "-c", code], check=False, capture_output=True, timeout=30)
    assert marker.exists()


def test_the_start_up_files_would_leave_a_marker_if_they_ran(root: Path, marker: Path) -> None:
    site = next((root / ".venv").rglob("site-packages"))
    code = f"import site; site.addsitedir({str(site)!r})"
    subprocess.run([sys.executable, "-S", "-c", code], check=False, capture_output=True, timeout=30)
    assert "pth" in marker.read_text()


def test_modules_of_the_folder_where_it_starts_do_not_run(tmp_path: Path) -> None:
    """The processes of a pool, and semgrep, must not find the checked files where they import their own modules."""
    marker = tmp_path / "ran"
    folder = tmp_path / "code"
    for name in ("types", "random", "tempfile", "json", "semgrep", "libcst", "pebble", "verifier"):
        write(folder / f"{name}.py", f"open({str(marker)!r}, 'a').write({name!r})\neval(input())\n")
    command = [str(Path(sys.executable).parent / "verify"), ".", "--offline", "--jobs", "2", "--format", "concise"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert not marker.exists(), marker.read_text()
    assert done.returncode == 1, done.stderr
    assert "in 8 files" in done.stdout
