"""Whatever a file is like: a clear message, the other files still checked, nothing hangs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from verifier.config import Config
from verifier.engine import run
from verifier.model import Problem, ProblemKind, Project, Report, Source
from verifier.workers import examine_all

BAD_LINE = "import imp  # gone since Python 3.12\n"
SLOW = "x = [" + "1, " * 100_000 + "]\n"
COMMAND = [sys.executable, "-m", "verifier.cli"]


def check(*paths: Path, root: Path, jobs: int = 1) -> Report:
    codes = ("VER105", "VER70")
    return run(list(paths), Config(root=root, select=codes, offline=True, no_cache=True, jobs=jobs), environ={})


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "p"\nversion = "1"\nrequires-python = ">=3.12"\n')
    (tmp_path / "good.py").write_text(BAD_LINE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def still_checked(report: Report) -> None:
    assert [(each.code, each.path) for each in report.findings if each.path == "good.py"] == [("VER105", "good.py")]


def the_problem(report: Report, path: str) -> Problem:
    found = [each for each in report.problems if each.path == path]
    assert len(found) == 1, report.problems
    return found[0]


@pytest.mark.parametrize(
    ("data", "kind", "words"),
    [
        (b"\x7fELF\x02\x01\x01\x00\x00binary", ProblemKind.ENCODING, "NUL byte on line 1"),
        (b"a = 1\nb = 2\x00\n", ProblemKind.ENCODING, "NUL byte on line 2"),
        ("a = 'x'\n".encode("utf-16"), ProblemKind.ENCODING, "UTF-16"),
        (b"a = 1\nb = '\xff'\n", ProblemKind.ENCODING, "line 2: byte 0xff"),
        (b"# -*- coding: klingon -*-\n", ProblemKind.ENCODING, "klingon"),
        (b"x = '" + b"a" * 5_000_000 + b"'\n", ProblemKind.LIMIT, "5,000,007 bytes"),
        (b"x = " + b"(" * 3_000 + b")" * 3_000 + b"\n", ProblemKind.LIMIT, "nested brackets"),
        (b"x = " + b" + ".join([b"a"] * 10_000) + b"\n", ProblemKind.LIMIT, "links in one chain"),
        (b"x = a" + b".b" * 10_000 + b"\n", ProblemKind.LIMIT, "links in one chain"),
        (b"x = a" + b"()" * 10_000 + b"\n", ProblemKind.LIMIT, "links in one chain"),
        (b"x = " + b"not " * 10_000 + b"a\n", ProblemKind.LIMIT, "links in one chain"),
        (b"x = " + b" and ".join([b"a"] * 10_000) + b"\n", ProblemKind.LIMIT, "links in one chain"),
        (b"if a:\n    pass\n" + b"elif b:\n    pass\n" * 10_000, ProblemKind.LIMIT, "links in one chain"),
        (b"".join(b" " * i + b"if a:\n" for i in range(150)) + b" " * 150 + b"pass\n", ProblemKind.LIMIT, "levels"),
    ],
    ids=lambda value: value[:24].decode("latin-1") if isinstance(value, bytes) else None,
)
def test_one_bad_file(project: Path, data: bytes, kind: ProblemKind, words: str) -> None:
    (project / "bad.py").write_bytes(data)
    report = check(project, root=project)
    still_checked(report)
    problem = the_problem(report, "bad.py")
    assert problem.kind is kind
    assert words in problem.text
    assert report.not_checked == 1


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xef\xbb\xbfimport os\n",
        b"# -*- coding: latin-1 -*-\nname = '\xe9'\n",
        b"import os\r\nimport sys\r\n",
        b"import os\rimport sys\r",
        b"x = 1",
        b"\x0c\nx = 1\n",
        "größe = 'ß'\n".encode(),
        b"x = [" + b"1, " * 5_000 + b"]\n",
        b"x = '" + b"a" * 1_000_000 + b"'\n",
        b"x = " + b"(" * 150 + b")" * 150 + b"\n",
        b"x = " + b" + ".join([b"a"] * 900) + b"\n",
        b"if a:\n    pass\n" + b"elif b:\n    pass\n" * 900,
        b'type X[T] = list[T]\nclass A[T: int]: pass\nx = f"{a["b"]}"\n',
    ],
    ids=lambda data: data[:24].decode("latin-1"),
)
def test_unusual_but_right(project: Path, data: bytes) -> None:
    (project / "odd.py").write_bytes(data)
    report = check(project, root=project)
    still_checked(report)
    assert report.problems == ()
    assert len(report.findings) == 1


def test_what_is_no_file(project: Path) -> None:
    (project / "x.py").mkdir()
    (project / "x.py" / "inner.py").write_text(BAD_LINE)
    (project / "loop").symlink_to(project)
    (project / "self.py").symlink_to("self.py")
    os.mkfifo(project / "pipe.py")
    report = check(project, project / "missing.py", project / "pipe.py", project / "self.py", root=project)
    still_checked(report)
    assert ("VER105", "x.py/inner.py") in {(each.code, each.path) for each in report.findings}
    texts = {each.path: each.text for each in report.problems}
    assert "does not exist" in texts["missing.py"]
    assert "neither a regular file nor a folder" in texts["pipe.py"]
    assert texts["self.py"]


@pytest.mark.skipif(
    not Path("/proc/self/mem").exists(), reason="needs a file that exists and cannot be read by anybody"
)
def test_unreadable(project: Path) -> None:
    (project / "mem.py").symlink_to("/proc/self/mem")
    report = check(project / "good.py", project / "mem.py", root=project)
    still_checked(report)
    assert report.problems[0].kind is ProblemKind.IO
    assert "cannot be read" in report.problems[0].text


def test_cut_off_code_is_a_finding(project: Path) -> None:
    (project / "cut.py").write_text("def f(x):\n    return [1, 2,\n")
    report = check(project, root=project)
    still_checked(report)
    assert [each.code for each in report.findings if each.path == "cut.py"] == ["VER701"]
    assert report.problems == ()


def test_slow_file_costs_only_itself(project: Path) -> None:
    (project / "slow.py").write_text(SLOW * 2)
    names = ["slow.py", "good.py", "a.py", "b.py", "c.py"]
    for name in names[2:]:
        (project / name).write_text("x = 1\n")
    sources = [Source(name, project / name) for name in names]
    examine_all(sources[1:], (), {project: Project(project, (3, 12))}, 2, lambda _: None)
    results = examine_all(sources, (), {project: Project(project, (3, 12))}, 2, lambda _: None, seconds=2)
    assert [result.source.path for result in results] == names
    problems = [problem for result in results for problem in result.problems]
    assert [(each.path, each.kind) for each in problems] == [("slow.py", ProblemKind.LIMIT)]
    assert "longer than 2 seconds" in problems[0].text


def descendants(pid: int) -> dict[int, int]:
    """Every process below one, with the depth at which it hangs."""
    parents: dict[int, int] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = status.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        parents[int(status.parent.name)] = int(words[1])
    found: dict[int, int] = {}
    for each in parents:
        depth, above = 0, each
        while above in parents and above != pid:
            depth, above = depth + 1, parents[above]
        if above == pid and each != pid:
            found[each] = depth
    return found


def seconds_used(pid: int) -> float:
    words = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="finds the workers in /proc")
def test_killed_worker_costs_one_file(project: Path) -> None:
    for number in range(2):
        (project / f"slow{number}.py").write_text(SLOW)
    for number in range(6):
        (project / f"z{number}.py").write_text(BAD_LINE)
    command = [*COMMAND, "check", ".", "--format=json", "--jobs=2", "--select=VER105", "--offline", "--no-cache"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        deadline = time.monotonic() + 60
        killed = False
        while not killed and time.monotonic() < deadline and running.poll() is None:
            for pid, depth in descendants(running.pid).items():
                try:
                    # a worker hangs below the fork server, and one that has worked for a while is inside a slow file
                    if depth == 2 and seconds_used(pid) > 0.8:
                        os.kill(pid, signal.SIGKILL)
                        killed = True
                        break
                except OSError:
                    continue
            time.sleep(0.02)
        out, err = running.communicate(timeout=120)
    assert killed, err
    assert running.returncode == 1, err
    report = json.loads(out)
    lost = [each for each in report["problems"] if "ended unexpectedly" in each["text"]]
    assert len(lost) == 1
    assert lost[0]["path"].startswith("slow")
    assert {each["path"] for each in report["findings"]} == {"good.py", *(f"z{number}.py" for number in range(6))}
