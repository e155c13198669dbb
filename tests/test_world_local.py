"""Imports that the project answers itself, and those that it does not although a folder looks like it."""

from __future__ import annotations

from pathlib import Path

import pytest

from verifier.model import Project
from verifier.world.local import find_root, provides, source_roots


def lay(root: Path, *paths: str, **texts: str) -> Project:
    for path, text in {**dict.fromkeys(paths, ""), **texts}.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return Project(root, (3, 12))


@pytest.mark.parametrize("mark", ["pyproject.toml", "setup.cfg", "setup.py", ".git/HEAD"])
def test_the_root_is_the_nearest_folder_with_a_mark(tmp_path: Path, mark: str) -> None:
    lay(tmp_path, "outer/pyproject.toml", f"outer/inner/{mark}", "outer/inner/pkg/sub/mod.py")
    inner = tmp_path / "outer" / "inner"
    assert find_root(inner / "pkg" / "sub" / "mod.py") == inner
    assert find_root(inner / "pkg") == inner
    assert find_root(inner) == inner


def test_without_a_mark_the_root_is_the_folder_itself(tmp_path: Path) -> None:
    lay(tmp_path, "a/b/mod.py")
    if find_root(tmp_path) == tmp_path:
        assert find_root(tmp_path / "a" / "b" / "mod.py") == tmp_path / "a" / "b"


@pytest.mark.parametrize(
    ("name", "text", "folders"),
    [
        ("pyproject.toml", "", {"src", "lib"}),
        ("pyproject.toml", "[tool.setuptools.package-dir]\n'' = 'code'\npart = 'deep/part'\n", {"code", "deep"}),
        ("pyproject.toml", "[tool.setuptools.packages.find]\nwhere = ['code']\n", {"code"}),
        ("pyproject.toml", "[tool.hatch.build]\nsources = ['code']\n", {"code"}),
        ("pyproject.toml", "[tool.hatch.build.targets.wheel]\npackages = ['code/pkg']\n", {"code"}),
        ("pyproject.toml", "[tool.poetry]\npackages = [{include = 'pkg', from = 'code'}]\n", {"code"}),
        ("pyproject.toml", "[tool.pytest.ini_options]\npythonpath = ['code']\n", {"code"}),
        ("pyproject.toml", "[tool.uv.workspace]\nmembers = ['deep/*']\n", {"deep/part", "deep/part/src"}),
        ("setup.cfg", "[options]\npackage_dir =\n    = code\n", {"code"}),
        ("setup.cfg", "[options.packages.find]\nwhere = code\n", {"code"}),
        ("pyproject.toml", "tool = {setuptools = {package-dir = 3}, poetry = {packages = 'x'}}\n", set()),
        ("pyproject.toml", "[tool.uv.workspace]\nmembers = ['', '/', '**a', 'a\\u0000b']\n", set()),
        ("pyproject.toml", "[broken", set()),
    ],
)
def test_source_roots_are_the_usual_and_the_configured_folders(
    tmp_path: Path, name: str, text: str, folders: set[str]
) -> None:
    lay(tmp_path, *(f"{folder}/x.txt" for folder in ("src", "lib", "code", "deep/part/src")), **{name: text})
    roots = source_roots(tmp_path)
    assert roots[0] == tmp_path
    assert {tmp_path / folder for folder in folders} <= set(roots)
    assert set(roots) <= {tmp_path / folder for folder in folders | {"", "src", "lib"}}


@pytest.mark.parametrize(
    ("path", "file", "module"),
    [
        ("scripts/helper.py", "scripts/run.py", "helper"),
        ("pkg/__init__.py", "pkg/sub/mod.py", "pkg"),
        ("pkg/__init__.py", "pkg/sub/mod.py", "pkg.generated.thing"),
        ("src/pkg/__init__.py", "tests/test_x.py", "pkg.core"),
        ("lib/mod.py", "tests/test_x.py", "mod"),
        ("tests/helpers.py", "tests/unit/deep/test_x.py", "helpers"),
        ("tests/helpers.py", "tests/unit/test_x.py", "tests.helpers"),
        ("plain/mod.py", "run.py", "plain"),
        ("plain/deep/mod.py", "run.py", "plain"),
        ("plain/deep/mod.py", "run.py", "plain.deep.mod"),
        ("backend/app/__init__.py", "tests/test_x.py", "app"),
        ("service/src/app/__init__.py", "service/tests/test_x.py", "app"),
        ("fast.cpython-312-x86_64-linux-gnu.so", "run.py", "fast"),
        ("fast.pyx", "run.py", "fast"),
        ("tests/conftest.py", "tests/unit/test_x.py", "conftest"),
        ("protos/user.proto", "run.py", "user_pb2"),
    ],
)
def test_what_the_project_holds_is_local(tmp_path: Path, path: str, file: str, module: str) -> None:
    project = lay(tmp_path, path, file)
    assert provides(project, tmp_path / file, module, 0)


@pytest.mark.parametrize(
    ("path", "file", "module"),
    [
        ("scripts/helper.py", "run.py", "helpers"),
        ("google/mine.py", "run.py", "google.cloud.storage"),
        ("docker/Dockerfile", "run.py", "docker"),
        ("docker/healthcheck.py", "run.py", "docker.client"),
        ("redis.conf", "run.py", "redis"),
        (".venv/requests/__init__.py", "run.py", "requests"),
        ("node_modules/requests/__init__.py", "run.py", "requests"),
        ("env/requests/__init__.py", "run.py", "requests"),
        ("tests/fixtures/requests/__init__.py", "run.py", "requests"),
        ("Numpy/__init__.py", "run.py", "numpy"),
    ],
)
def test_what_only_looks_like_it_is_not_local(tmp_path: Path, path: str, file: str, module: str) -> None:
    project = lay(tmp_path, path, file, "env/pyvenv.cfg")
    assert not provides(project, tmp_path / file, module, 0)


def test_the_projects_own_name_is_local(tmp_path: Path) -> None:
    project = lay(tmp_path, **{"pyproject.toml": "[project]\nname = 'My-Project'\n"})
    assert provides(project, None, "my_project.core", 0)
    assert not provides(project, None, "other_project", 0)


def test_text_without_a_file_sees_the_source_roots(tmp_path: Path) -> None:
    project = lay(tmp_path, "src/pkg/__init__.py")
    assert provides(project, None, "pkg", 0)
    assert not provides(project, None, "other", 0)


def test_a_file_outside_the_root_sees_its_own_package(tmp_path: Path) -> None:
    project = lay(tmp_path / "root", "x.py")
    lay(tmp_path, "else/pkg/__init__.py", "else/pkg/sub/__init__.py", "else/pkg/sub/mod.py", "else/beside.py")
    file = tmp_path / "else" / "pkg" / "sub" / "mod.py"
    assert provides(project, file, "pkg.sub", 0)
    assert provides(project, file, "beside", 0)
    assert not provides(project, tmp_path / "else" / "beside.py", "root", 0)


@pytest.mark.parametrize(
    ("module", "level", "local"),
    [
        ("", 1, True),
        ("mod", 1, True),
        ("sub", 1, True),
        ("sub.deep", 1, True),
        ("sub.nothing", 1, False),
        ("nothing", 1, False),
        ("mod.attribute", 1, False),
        ("pkg", 2, True),
        ("other", 2, True),
        ("nothing", 2, False),
        ("thing_pb2", 1, True),
        ("_version", 1, True),
    ],
)
def test_relative_imports_are_looked_up_where_they_point(tmp_path: Path, module: str, level: int, local: bool) -> None:
    project = lay(tmp_path, "pkg/__init__.py", "pkg/mod.py", "pkg/sub/__init__.py", "pkg/sub/deep.py", "other.py")
    assert provides(project, tmp_path / "pkg" / "mod.py", module, level) is local
    assert provides(project, None, module, level)


def test_relative_imports_of_modules_that_a_build_makes_are_not_judged(tmp_path: Path) -> None:
    project = lay(tmp_path, "Cargo.toml", "pkg/__init__.py")
    assert provides(project, tmp_path / "pkg" / "__init__.py", "_native", 1)


def test_a_module_that_is_added_later_is_seen(tmp_path: Path) -> None:
    project = lay(tmp_path, "run.py")
    assert not provides(project, tmp_path / "run.py", "late", 0)
    lay(tmp_path, "late/__init__.py")
    assert provides(project, tmp_path / "run.py", "late", 0)
