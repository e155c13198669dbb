"""What discovery finds in real repositories, in folders without git, and in folders that are out to confuse it."""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from verifier.discover import discover
from verifier.model import Problem, ProblemKind


def run(
    paths: list[str], *, root: Path | None = None, exclude: tuple[str, ...] = (), force: bool = False
) -> tuple[list[str], list[tuple[str | None, str]]]:
    """Return what `discover` reports from the working directory: paths, and (path, text) of problems."""
    found = list(discover([Path(each) for each in paths], root=root or Path(), exclude=exclude, force_exclude=force))
    problems = [each for each in found if isinstance(each, Problem)]
    assert all(problem.kind is ProblemKind.IO for problem in problems)
    files = [each for each in found if not isinstance(each, Problem)]
    assert all(file.is_file() for _, file in files)
    return [path for path, _ in files], [(problem.path, problem.text) for problem in problems]


def files(*paths: str, **more: object) -> list[str]:
    found, problems = run(list(paths) or ["."], **more)  # type: ignore[arg-type]  # the keywords of run
    assert problems == []
    return found


def make(*names: str, text: str = "") -> None:
    for name in names:
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def git(*arguments: str, folder: str = ".") -> None:
    settings = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "protocol.file.allow=always")
    subprocess.run(["git", *settings, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    return folder


@pytest.fixture(params=["git", "walk", "git that fails"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each way to list a folder: where git knows it, where there is no repository, and where git refuses it."""
    if request.param != "walk":
        git("init", "-q")
    if request.param == "git that fails":
        monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")  # what git calls dubious ownership
    return str(request.param)


@pytest.mark.usefixtures("way")
def test_a_folder_gives_its_python_files() -> None:
    make("b.py", "a.pyi", "c.txt", "d", "pkg/e.py", "pkg/sub/f.py", "script", text="#!/usr/bin/env python\n")
    assert files() == ["a.pyi", "b.py", "pkg/e.py", "pkg/sub/f.py"]
    assert files("pkg") == ["pkg/e.py", "pkg/sub/f.py"]
    assert files("pkg/sub", "b.py", "b.py", "pkg") == ["b.py", "pkg/e.py", "pkg/sub/f.py"]


@pytest.mark.usefixtures("way")
def test_a_named_file_is_taken_whatever_it_is() -> None:
    make("script", "c.txt", ".venv/x.py", "ignored.py")
    make(".gitignore", text="ignored.py\n")
    assert files("script", "c.txt", ".venv/x.py", "ignored.py") == [".venv/x.py", "c.txt", "ignored.py", "script"]


@pytest.mark.usefixtures("way")
def test_ignore_files_of_every_level() -> None:
    make("a.py", "b.py", "gen/c.py", "gen/keep.py", "sub/a.py", "sub/d.py", "sub/deep/e.py", "out/f.py")
    make(".gitignore", text="a.py\n/out/\ngen/*\n!gen/keep.py\n!\n# a comment\n\n")
    make("sub/.gitignore", text="!a.py\ndeep/\n")
    assert files() == ["b.py", "gen/keep.py", "sub/a.py", "sub/d.py"]
    assert files("sub") == ["sub/a.py", "sub/d.py"]


def test_ignore_files_above_the_folder(way: str) -> None:
    make("sub/a.py", "sub/b.py")
    make(".gitignore", text="b.py\n")
    assert files("sub") == (["sub/a.py", "sub/b.py"] if way == "walk" else ["sub/a.py"])


@pytest.mark.usefixtures("way")
def test_an_ignored_folder_that_is_named() -> None:
    make("out/a.py", "out/sub/b.py", "out/c.py")
    make(".gitignore", text="out/\n")
    make("out/.gitignore", text="c.py\n")
    assert files("out") == ["out/a.py", "out/sub/b.py"]


@pytest.mark.usefixtures("way")
def test_folders_of_tools_and_environments() -> None:
    make(
        "a.py",
        "x/.venv/b.py",
        "node_modules/p/c.py",
        "pkg/__pycache__/d.py",
        ".tox/e.py",
        "env/lib/f.py",
        "env/pyvenv.cfg",
    )
    make("venv/g.py", ".nox/h.py", ".mypy_cache/i.py", "lib/site-packages/j.py")
    assert files() == ["a.py", "venv/g.py"]
    assert files("env/lib", "node_modules") == ["env/lib/f.py", "node_modules/p/c.py"]


def test_results_of_builds_are_left_out_only_where_git_does_not_know(way: str) -> None:
    make("build/lib/a.py", "dist/b.py", "src/build/__init__.py", "src/build/c.py")
    known = ["build/lib/a.py", "dist/b.py"] if way == "git" else []
    assert files() == [*known, "src/build/__init__.py", "src/build/c.py"]
    assert files("build") == ["build/lib/a.py"]


@pytest.mark.usefixtures("way")
def test_odd_names() -> None:
    names = [
        "a b.py",
        'quote".py',
        "it's.py",
        "new\nline.py",
        "-dash.py",
        "größe.py",
        "名前/x.py",
        "*.py",
        "[a].py",
        "!b.py",
        "#c.py",
    ]
    make(*names)
    assert files() == sorted(names)
    assert files("*.py", "-dash.py") == ["*.py", "-dash.py"]


@pytest.mark.usefixtures("way")
def test_a_name_that_is_not_utf_8() -> None:
    Path(os.fsdecode(b"caf\xe9.py")).touch()
    ((path, file),) = discover([Path()], root=Path(), exclude=(), force_exclude=False)  # type: ignore[misc]  # one file
    assert path == "caf\\xe9.py"
    assert os.fsencode(file.name) == b"caf\xe9.py"


@pytest.mark.usefixtures("way")
def test_a_folder_called_like_a_module() -> None:
    make("x.py/inner.py", "x.py/y.pyi/z.py")
    assert files() == ["x.py/inner.py", "x.py/y.pyi/z.py"]
    assert files("x.py") == ["x.py/inner.py", "x.py/y.pyi/z.py"]


@pytest.mark.usefixtures("way")
def test_links(tmp_path: Path) -> None:
    make("../outside/o.py", "../outside/more/p.py", "real.py", "pkg/m.py")
    Path("a_link.py").symlink_to("real.py")
    Path("r.py").symlink_to("real.py")
    Path("outer.py").symlink_to(tmp_path / "outside" / "o.py")
    Path("pkg/loop").symlink_to("..")
    Path("pkg/folder.py").symlink_to(".")
    Path("elsewhere").symlink_to(tmp_path / "outside")
    assert files() == ["outer.py", "pkg/m.py", "real.py"]
    assert files("a_link.py") == ["a_link.py"]
    assert files("a_link.py", "real.py") == ["real.py"]
    assert files("elsewhere") == ["elsewhere/more/p.py", "elsewhere/o.py"]


@pytest.mark.usefixtures("way")
def test_links_that_lead_nowhere() -> None:
    make("a.py")
    Path("gone.py").symlink_to("nothing")
    Path("self.py").symlink_to("self.py")
    found, problems = run(["."])
    assert found == ["a.py"]
    assert [path for path, _ in problems] == ["gone.py", "self.py"]
    assert problems[0][1] == "the symbolic link leads nowhere"


def test_what_is_no_file() -> None:
    make("a.py", "pkg/b.py")
    os.mkfifo("pipe.py")
    with socket.socket(socket.AF_UNIX) as opened:
        opened.bind("socket.py")
        found, problems = run([".", "pipe.py", "socket.py", os.devnull, "missing.py", "a.py/x.py"])
    assert found == ["a.py", "pkg/b.py"]
    kinds = "neither a regular file nor a folder"
    assert sorted(set(problems), key=str) == [
        (os.devnull, kinds),
        ("a.py/x.py", "the path does not exist"),
        ("missing.py", "the path does not exist"),
        ("pipe.py", kinds),
        ("socket.py", kinds),
    ]


@pytest.fixture
def unprivileged() -> Iterator[None]:
    """A folder that everyone can enter, as the working directory, and no right to read everything."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)  # verify: ignore[VER430] another account must be able to enter
        os.chdir(folder)
        if os.geteuid() == 0:
            os.chown(folder, 65534, -1)
            os.seteuid(65534)
        try:
            yield
        finally:
            if os.getuid() == 0:
                os.seteuid(0)
            os.chdir(before)


@pytest.mark.usefixtures("unprivileged")
def test_a_folder_that_cannot_be_read() -> None:
    make("a.py", "locked/b.py")
    Path("locked").chmod(0)
    try:
        for _ in range(2):
            assert run(["."]) == (["a.py"], [("locked", "Permission denied")])
            assert run(["."], exclude=("locked",)) == (["a.py"], [])
            git("init", "-q")
        git("add", "a.py")
        assert run(["."]) == (["a.py"], [("locked", "Permission denied")])
    finally:
        Path("locked").chmod(0o700)


def test_a_folder_without_python(here: Path) -> None:
    make("empty/readme.txt", "full/a.py")
    Path("bare").mkdir()
    text = "no Python file to check in this folder"
    assert run(["empty", "bare", "full"]) == (["full/a.py"], [("bare", text), ("empty", text)])
    assert run(["."], exclude=("*.py",)) == ([], [(".", text)])
    assert run([str(here / "bare")]) == ([], [("bare", text)])


def test_a_folder_named_twice_is_not_empty() -> None:
    make("pkg/a.py")
    assert files(".", "pkg", "pkg/a.py") == ["pkg/a.py"]


@pytest.mark.usefixtures("way")
def test_exclusions() -> None:
    make("a.py", "a_pb2.py", "sub/b_pb2.py", "docs/c.py", "sub/docs/d.py", "tests/e.py", "tests/keep.py")
    exclude = ("*_pb2.py", "/docs/", "tests/*", "!tests/keep.py")
    assert files(exclude=exclude) == ["a.py", "sub/docs/d.py", "tests/keep.py"]
    assert files("docs/c.py", "a_pb2.py", exclude=exclude) == ["a_pb2.py", "docs/c.py"]
    assert files(".", "docs/c.py", "a_pb2.py", "a.py", exclude=exclude, force=True) == [
        "a.py",
        "sub/docs/d.py",
        "tests/keep.py",
    ]
    assert files("docs", "node_modules/x.py", exclude=exclude, force=True) == []


def test_exclusions_are_relative_to_the_root(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make("pkg/docs/a.py", "docs/b.py", "pkg/c.py")
    monkeypatch.chdir("pkg")
    assert files(root=here, exclude=("/docs/",)) == ["c.py", "docs/a.py"]
    assert files(root=here, exclude=("/pkg/docs",)) == ["c.py"]
    assert files(root=here / "elsewhere", exclude=("docs/",)) == ["c.py"]
    assert files(root=here, exclude=("pkg",), force=True) == []
    assert files("c.py", root=here / "pkg", exclude=("here", "pkg"), force=True) == ["c.py"]


def test_paths_outside_the_working_directory_are_absolute(tmp_path: Path) -> None:
    make("../other/a.py", "b.py")
    outside = (tmp_path / "other" / "a.py").as_posix()
    assert files("../other", "b.py") == [outside, "b.py"]
    assert files(str(tmp_path / "here")) == ["b.py"]
    assert files("../here/b.py") == ["b.py"]
    assert run(["../gone.py"])[1] == [((tmp_path / "gone.py").as_posix(), "the path does not exist")]


def test_deleted_and_tracked_files() -> None:
    git("init", "-q")
    make("tracked.py", "deleted.py", "renamed.py", "forced.py", "new.py")
    make(".gitignore", text="forced.py\n")
    git("add", "-f", "tracked.py", "deleted.py", "renamed.py", "forced.py", ".gitignore")
    git("commit", "-qm", "first")
    Path("deleted.py").unlink()
    Path("renamed.py").rename("name.py")
    assert files() == ["forced.py", "name.py", "new.py", "tracked.py"]


def test_repositories_inside() -> None:
    make("../library/lib.py")
    git("init", "-q", folder="../library")
    git("add", ".", folder="../library")
    git("commit", "-qm", "first", folder="../library")
    git("init", "-q")
    make("a.py", "nested/b.py", "nested/.gitignore", "node_modules/deep/c.py")
    git("init", "-q", folder="nested")
    make("site-packages/d.py")
    git("init", "-q", folder="node_modules/deep")
    git("init", "-q", folder="site-packages")
    git("submodule", "add", "-q", "../library", "module")
    assert files() == ["a.py", "module/lib.py", "nested/b.py"]
    assert files("module") == ["module/lib.py"]


def test_merge_conflicts_give_each_file_once() -> None:
    git("init", "-q", "-b", "main")
    for branch in ("main", "other"):
        make("a.py", text=branch)
        git("add", "a.py")
        git("commit", "-qm", branch)
        if branch == "main":
            git("checkout", "-q", "-b", "other", "HEAD")
    git("checkout", "-q", "main")
    make("a.py", text="third")
    git("commit", "-qam", "third")
    merged = subprocess.run(["git", "merge", "other"], check=False, capture_output=True)
    assert merged.returncode != 0
    assert files() == ["a.py"]


def test_variables_that_a_git_hook_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    make("a.py", "../other/b.py", "../other/c.py")
    make("../other/.gitignore", text="c.py\n")
    git("init", "-q")
    git("init", "-q", folder="../other")
    git("add", "-f", "c.py", folder="../other")
    monkeypatch.setenv("GIT_DIR", str(Path(".git").absolute()))
    monkeypatch.setenv("GIT_INDEX_FILE", str(Path(".git/other-index").absolute()))
    found, _ = run([".", "../other"])
    assert sorted(Path(each).name for each in found) == ["a.py", "b.py", "c.py"]


def test_no_program_that_a_repository_names_is_run(here: Path) -> None:
    git("init", "-q")
    make("a.py", "sub/b.py")
    make("spy", text=f"#!/bin/sh\ntouch {here}/ran\n")
    Path("spy").chmod(0o755)
    git("config", "core.fsmonitor", f"{here}/spy")
    subprocess.run(["git", "ls-files", "-o"], check=True, capture_output=True)
    assert Path("ran").exists()  # so that the test can fail
    Path("ran").unlink()
    assert files() == ["a.py", "sub/b.py"]
    assert not Path("ran").exists()


def test_git_is_not_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    git("init", "-q")
    make("a.py", "b.py", "c.py")
    make(".gitignore", text="b.py\n")
    Path(".git/info/exclude").write_text("c.py\n", encoding="utf-8")
    monkeypatch.setenv("PATH", "/nowhere")
    assert files() == ["a.py"]


def test_a_pipe_in_place_of_an_ignore_file_does_not_block() -> None:
    make("a.py")
    os.mkfifo(".gitignore")
    assert files() == ["a.py"]
