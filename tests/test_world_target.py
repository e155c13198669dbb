"""Markers for another Python and platform than ours, and the folder that counts for a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from verifier.world import target
from verifier.world.nearest import nearest


@pytest.mark.parametrize(
    ("marker", "python", "platform", "expected"),
    [
        ("", (3, 12), "linux", True),
        ("python_version < '3.10'", (3, 9), "linux", True),
        ("python_version < '3.10'", (3, 10), "linux", False),
        ("python_full_version >= '3.11.4'", (3, 11), "linux", True),
        ("python_full_version <= '3.11.0a6'", (3, 11), "linux", False),
        ("python_full_version == '3.11.*'", (3, 12), "linux", False),
        ("sys_platform == 'win32'", (3, 12), "win32", True),
        ("sys_platform == 'win32'", (3, 12), "linux", False),
        ("os_name == 'nt' and platform_system == 'Windows'", (3, 12), "win32", True),
        ("os_name == 'nt' or platform_system == 'Darwin'", (3, 12), "linux", False),
        ("platform_machine == 'x86_64'", (3, 12), "linux", True),
        ("platform_machine == 'AMD64'", (3, 12), "win32", True),
        ("platform_python_implementation == 'PyPy'", (3, 12), "linux", False),
        ("implementation_name == 'cpython'", (3, 12), "linux", True),
        ("extra == 'web'", (3, 12), "linux", True),
        ("extra != 'web'", (3, 12), "linux", True),
        ("'web' in extras and 'dev' not in dependency_groups", (3, 12), "linux", True),
        ("extra == 'web' and python_version < '3'", (3, 12), "linux", False),
        ("'and extra == x' == sys_platform", (3, 12), "linux", False),
        ("no marker at all", (3, 12), "linux", True),
        ("platform_release > '5.0'", (3, 12), "linux", True),
        ("python_version > '" + "1" * 5000 + "'", (3, 12), "linux", True),
        ("(" * 5000 + "python_version > '3'" + ")" * 5000, (3, 12), "linux", True),
    ],
)
def test_markers(marker: str, python: tuple[int, int], platform: str, *, expected: bool) -> None:
    assert target.holds(marker, target.markers(python, platform)) is expected


def test_the_machine_can_be_named() -> None:
    environment = target.markers((3, 13), "linux", "aarch64")
    assert (environment["platform_machine"], environment["python_version"]) == ("aarch64", "3.13")


def test_the_nearest_folder_that_says_what_its_code_needs(tmp_path: Path) -> None:
    deep = tmp_path / "packages" / "core" / "src" / "core"
    deep.mkdir(parents=True)
    file = deep / "a.py"
    file.write_text("")
    assert nearest(file, tmp_path) == tmp_path
    (tmp_path / "packages" / "core" / "pyproject.toml").write_text("[project]\nname = 'core'\n")
    (deep / "pyproject.toml").write_text("[tool.ruff]\nline-length = 100\n")
    (deep / "setup.cfg").write_text("[flake8]\nmax-line-length = 100\n")
    # Elsewhere, since what a folder says is asked once.
    copy = tmp_path / "other"
    (tmp_path / "packages").rename(copy)
    moved = copy / "core" / "src" / "core" / "a.py"
    assert nearest(moved, tmp_path) == copy / "core"
    assert nearest(moved.parent, tmp_path) == copy / "core"
    assert nearest(moved, copy / "core" / "src") == copy / "core" / "src"
    assert nearest(moved, tmp_path / "unrelated") == moved.parent


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("uv.lock", ""),
        ("pylock.dev.toml", ""),
        ("requirements-dev.txt", ""),
        ("requirements/base.txt", ""),
        ("setup.py", ""),
        ("Pipfile", ""),
        ("setup.cfg", "[metadata]\nname = a\n"),
        (".venv/pyvenv.cfg", ""),
        ("pyproject.toml", "[tool.poetry]\nname = 'a'\n"),
        ("pyproject.toml", "[dependency-groups]\ndev = []\n"),
    ],
)
def test_what_makes_a_folder_count(tmp_path: Path, name: str, text: str) -> None:
    file = tmp_path / "sub" / name
    file.parent.mkdir(parents=True)
    file.write_text(text)
    assert nearest(tmp_path / "sub" / "deep" / "a.py", tmp_path) == tmp_path / "sub"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pyproject.toml", "[tool.black]\n"),
        ("pyproject.toml", "[broken"),
        ("pyproject.toml", "tool = 5\n"),
        ("setup.cfg", "[tool:pytest]\n"),
        ("pylock.a.b.toml", ""),
        ("README.txt", "requirements"),
        ("requirements.txt/deep.md", ""),
    ],
)
def test_what_makes_no_folder_count(tmp_path: Path, name: str, text: str) -> None:
    file = tmp_path / "sub" / name
    file.parent.mkdir(parents=True)
    file.write_text(text)
    assert nearest(tmp_path / "sub" / "a.py", tmp_path) == tmp_path
