"""The project's environment: found by its files, told by an interpreter only where one is named, never ours."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from verifier.model import Environment, ProblemKind
from verifier.world.environment import find
from verifier.world.interpreter import NoAnswerError, ask
from verifier.world.startup import additions

OURS = sys.version_info[:2]


def make(folder: Path, *options: str) -> Path:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", *options, str(folder)], check=True)
    return folder


def imitate(folder: Path, config: str, library: str = "lib/python3.12") -> Path:
    """Lay out an environment of another Python as its tools do."""
    site = folder / library / "site-packages"
    site.mkdir(parents=True)
    (folder / "pyvenv.cfg").write_text(config)
    return site


def found(root: Path, python: str | None = None, **environ: str) -> Environment:
    environment, problems = find(root, python, environ)
    assert problems == ()
    assert environment is not None
    return environment


def why_not(root: Path, python: str | None = None, **environ: str) -> str:
    environment, problems = find(root, python, environ)
    assert environment is None
    assert [problem.kind for problem in problems] == [ProblemKind.ENVIRONMENT]
    return problems[0].text


def test_a_project_without_environment_has_none_and_no_problem(tmp_path: Path) -> None:
    assert find(tmp_path, None, {}) == (None, ())


@pytest.mark.parametrize("name", [".venv", "venv"])
def test_an_environment_in_the_project_is_found(tmp_path: Path, name: str) -> None:
    make(tmp_path / name)
    environment = found(tmp_path)
    assert environment.python == OURS
    assert environment.origin == f"{name} (Python {OURS[0]}.{OURS[1]})"
    assert environment.paths
    assert all(path.is_relative_to(tmp_path) and path.name == "site-packages" for path in environment.paths)
    assert len({path.resolve() for path in environment.paths}) == len(environment.paths)


def test_a_folder_called_venv_without_configuration_is_no_environment(tmp_path: Path) -> None:
    (tmp_path / "venv" / "lib" / "python3.12" / "site-packages").mkdir(parents=True)
    assert find(tmp_path, None, {}) == (None, ())


def test_the_order_is_option_then_variable_then_folder(tmp_path: Path) -> None:
    imitate(tmp_path / ".venv", "version = 3.10.1\n", "lib/python3.10")
    imitate(tmp_path / "active", "version = 3.12.1\n")
    imitate(tmp_path / "named", "version = 3.13.0\n", "lib/python3.13")
    active = str(tmp_path / "active")
    assert found(tmp_path).python == (3, 10)
    assert found(tmp_path, VIRTUAL_ENV=active).python == (3, 12)
    assert found(tmp_path, VIRTUAL_ENV=active).origin == f"VIRTUAL_ENV {active} (Python 3.12)"
    assert found(tmp_path, "named", VIRTUAL_ENV=active).python == (3, 13)


def test_a_stale_variable_gives_way_to_the_folder_and_is_a_problem_without_one(tmp_path: Path) -> None:
    gone = str(tmp_path / "gone")
    assert gone in why_not(tmp_path, VIRTUAL_ENV=gone)
    imitate(tmp_path / ".venv", "version = 3.12.1\n")
    assert found(tmp_path, VIRTUAL_ENV=gone).origin.startswith(".venv")


def test_an_environment_that_a_hook_runner_made_is_not_the_projects(tmp_path: Path) -> None:
    imitate(tmp_path / "repo1" / "py_env-python3.12", "version = 3.12.1\n")
    assert find(tmp_path, None, {"VIRTUAL_ENV": str(tmp_path / "repo1" / "py_env-python3.12")}) == (None, ())


@pytest.mark.parametrize(
    ("config", "library", "version"),
    [
        ("home = /usr/bin\nversion = 3.12.1\n", "lib/python3.12", (3, 12)),
        ("version_info = 3.13.0.final.0\n", "lib/python3.13", (3, 13)),
        ("version_info = 3.13\nuv = 0.5\n", "lib64/python3.13", (3, 13)),
        ("home = /usr/bin\n", "lib/python3.11", (3, 11)),
        ("version = 3.10.14\n", "lib/pypy3.10", (3, 10)),
        ("version = 3.13.1\n", "lib/python3.13t", (3, 13)),
        ("version = 3.12.0\n", "Lib", (3, 12)),
    ],
)
def test_environments_of_other_tools_and_systems_are_read(
    tmp_path: Path, config: str, library: str, version: tuple[int, int]
) -> None:
    site = imitate(tmp_path / ".venv", config, library)
    environment = found(tmp_path)
    assert (environment.python, environment.paths) == (version, (site,))
    assert (environment.platform == "win32") is (library == "Lib")


def test_left_over_packages_of_another_version_are_not_taken(tmp_path: Path) -> None:
    imitate(tmp_path / ".venv", "version = 3.12.1\n", "lib/python3.11")
    assert "no site-packages" in why_not(tmp_path)


def test_a_conda_environment_is_read(tmp_path: Path) -> None:
    site = tmp_path / "env" / "lib" / "python3.12" / "site-packages"
    site.mkdir(parents=True)
    (tmp_path / "env" / "conda-meta").mkdir()
    (tmp_path / "env" / "conda-meta" / "python-3.12.4-h99.json").write_text("{}")
    environment = found(tmp_path, str(tmp_path / "env"))
    assert (environment.python, environment.paths) == ((3, 12), (site,))


def test_the_systems_packages_are_added_where_the_environment_includes_them(tmp_path: Path) -> None:
    system = tmp_path / "usr" / "lib" / "python3" / "dist-packages"
    system.mkdir(parents=True)
    config = f"home = {tmp_path / 'usr' / 'bin'}\nversion = 3.12.1\ninclude-system-site-packages = "
    site = imitate(tmp_path / ".venv", config + "true\n")
    user = tmp_path / "me" / ".local" / "lib" / "python3.12" / "site-packages"
    user.mkdir(parents=True)
    assert found(tmp_path, HOME=str(tmp_path / "me")).paths == (site, system, user)
    (tmp_path / ".venv" / "pyvenv.cfg").write_text(config + "false\n")
    assert found(tmp_path, HOME=str(tmp_path / "me")).paths == (site,)


def test_system_packages_that_are_not_found_are_a_problem_and_not_an_absence(tmp_path: Path) -> None:
    imitate(tmp_path / ".venv", "home = /no/such/bin\nversion = 3.12.1\ninclude-system-site-packages = true\n")
    assert "/no/such/bin" in why_not(tmp_path)


def test_the_interpreter_of_an_environment_stands_for_it(tmp_path: Path) -> None:
    make(tmp_path / "env")
    places = (tmp_path / "env" / "bin" / "python", tmp_path / "env" / "Scripts" / "python.exe")
    python = next(place for place in places if place.exists())
    assert all(path.is_relative_to(tmp_path / "env") for path in found(tmp_path, str(python)).paths)


def test_another_interpreter_tells_its_own_folders(tmp_path: Path) -> None:
    base = Path(getattr(sys, "_base_executable", sys.executable))
    environment = found(tmp_path, str(base))
    assert environment.python == OURS
    assert environment.platform == sys.platform
    assert any(path.name in {"site-packages", "dist-packages"} for path in environment.paths)


def test_a_command_is_looked_up_on_path(tmp_path: Path) -> None:
    base = Path(getattr(sys, "_base_executable", sys.executable))
    assert found(tmp_path, base.name, PATH=str(base.parent)).python == OURS
    assert "PATH" in why_not(tmp_path, "python-of-nobody", PATH=str(base.parent))


@pytest.mark.skipif(os.name == "nt", reason="a script with a hashbang is the program here")
@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("#!/bin/sh\necho hello\n", "not understood"),
        ("#!/bin/sh\nexit 3\n", "status 3"),
        ("no program", "cannot be started"),
    ],
)
def test_a_program_that_is_no_interpreter_is_a_problem(tmp_path: Path, script: str, reason: str) -> None:
    (tmp_path / "python").write_text(script)
    (tmp_path / "python").chmod(0o755)
    assert reason in why_not(tmp_path, str(tmp_path / "python"))


@pytest.mark.skipif(os.name == "nt", reason="a script with a hashbang is the program here")
def test_a_program_that_does_not_answer_is_stopped(tmp_path: Path) -> None:
    (tmp_path / "python").write_text("#!/bin/sh\nexec sleep 30\n")
    (tmp_path / "python").chmod(0o755)
    with pytest.raises(NoAnswerError, match="did not answer within"):
        ask(tmp_path / "python", seconds=0.2)


def test_folders_that_are_no_environment_are_a_problem(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert "neither pyvenv.cfg nor conda-meta" in why_not(tmp_path, "empty")
    assert "nothing" in why_not(tmp_path, "nothing")


def test_no_start_up_code_runs(tmp_path: Path) -> None:
    make(tmp_path / ".venv")
    site = found(tmp_path).paths[0]
    (site / "evil.pth").write_text(f"import pathlib; pathlib.Path({str(tmp_path / 'ran')!r}).touch()\n")
    (site / "sitecustomize.py").write_text(f"import pathlib; pathlib.Path({str(tmp_path / 'ran')!r}).touch()\n")
    found(tmp_path)
    found(tmp_path, str(tmp_path / ".venv"))
    found(tmp_path, str(getattr(sys, "_base_executable", sys.executable)))
    assert not (tmp_path / "ran").exists()


def test_path_lines_are_folders_of_the_environment(tmp_path: Path) -> None:
    site = imitate(tmp_path / ".venv", "version = 3.12.1\n")
    (tmp_path / "src").mkdir()
    (site / "inner").mkdir()
    (site / "mine.pth").write_text(f"# a comment\n\n{tmp_path / 'src'}\ninner\n/no/such/folder\n", encoding="utf-8-sig")
    assert found(tmp_path).paths == (site, tmp_path / "src", site / "inner")


FINDER = """
import sys
MAPPING: dict[str, str] = {{'same': {same!r}, 'other': {other!r}}}
NAMESPACES: dict[str, list[str]] = {{}}
def install():
    sys.meta_path.append(object())
"""


def test_an_editable_finder_is_read_and_its_code_never_runs(tmp_path: Path) -> None:
    site = imitate(tmp_path / ".venv", "version = 3.12.1\n")
    for name in ("same", "different"):
        (tmp_path / "src" / name).mkdir(parents=True)
    finder = FINDER.format(same=str(tmp_path / "src" / "same"), other=str(tmp_path / "src" / "different"))
    (site / "__editable___mine_1_0_finder.py").write_text(finder)
    (site / "__editable__.mine-1.0.pth").write_text(
        "import __editable___mine_1_0_finder; __editable___mine_1_0_finder.install()"
    )
    assert found(tmp_path).paths == (site, tmp_path / "src")
    added = additions(site)
    assert dict(added.mapping) == {"same": tmp_path / "src" / "same", "other": tmp_path / "src" / "different"}
    assert added.opaque == ()


@pytest.mark.parametrize(
    ("name", "line", "opaque"),
    [
        ("hook.pth", "import sys; sys.meta_path.insert(0, object())", True),
        ("hook.pth", "import sys; sys.path.append('/somewhere')", True),
        ("hook.pth", "import site; site.addsitedir('/somewhere')", True),
        ("hook.pth", "import dynamic_hook", True),
        ("distutils-precedence.pth", "import os; __import__('_distutils_hack').add_shim();", False),
        (
            "old-nspkg.pth",
            "import sys, types; m = sys.modules.setdefault('space', types.ModuleType('space'))",
            False,
        ),
        ("easy-install.pth", "import sys; sys.__plen = len(sys.path)", False),
        ("cov.pth", "import os, sys; exec('import coverage')", False),
    ],
)
def test_start_up_code_that_may_make_modules_is_told_apart(tmp_path: Path, name: str, line: str, opaque: bool) -> None:
    (tmp_path / "dynamic_hook.py").write_text("import sys\nsys.meta_path.append(print)\n")
    (tmp_path / name).write_text(line + "\n")
    assert bool(additions(tmp_path).opaque) is opaque
