"""The commands as a user runs them: exit statuses, streams, standard input, formats."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

import verifier

BAD = "seen = []\nfor x in input().split():\n    if x in seen:\n        pass\n    seen.append(x)\n"
SCHEMA = json.loads((Path(verifier.__file__).parent / "report" / "schema.json").read_text(encoding="utf-8"))


def verify(*arguments: str, cwd: Path, given: bytes = b"", **environ: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "verifier.cli", *arguments]
    env = {**os.environ, "VERIFY_OFFLINE": "1", "VERIFY_NO_CACHE": "1", **environ}
    return subprocess.run(command, cwd=cwd, input=given, capture_output=True, env=env, check=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "bad.py").write_text(BAD)
    (tmp_path / "good.py").write_text("print('hello')\n")
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["good.py"], 0),
        (["bad.py"], 1),
        (["check", "bad.py"], 1),
        (["--select", "VER5", "bad.py"], 1),
        (["bad.py", "--select", "VER1"], 0),
        (["bad.py", "--ignore", "VER502"], 0),
        (["bad.py", "--exit-zero"], 0),
        (["bad.py", "--fail-on", "error"], 0),
        (["missing.py"], 2),
        (["missing.py", "good.py"], 0),
        (["missing.py", "good.py", "--strict"], 2),
        (["good.py", "--selct", "VER5"], 2),
        (["good.py", "--select", "VER999"], 2),
        (["explain", "VER502"], 0),
        (["explain", "nested-pair-loop"], 0),
        (["explain", "VER999"], 2),
        (["rules"], 0),
        (["--version"], 0),
        ([], 2),
        (["check"], 1),
        (["-"], 0),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_exit_status(folder: Path, arguments: list[str], status: int) -> None:
    done = verify(*arguments, cwd=folder)
    assert done.returncode == status, done.stderr.decode()
    assert b"Traceback" not in done.stderr


def test_json_on_stdout_problems_on_stderr(folder: Path) -> None:
    done = verify("bad.py", "missing.py", "--format", "json", cwd=folder)
    report = json.loads(done.stdout)
    jsonschema.validate(report, SCHEMA)
    assert [(each["code"], each["path"], each["line"]) for each in report["findings"]] == [("VER502", "bad.py", 3)]
    assert [each["path"] for each in report["problems"]] == ["missing.py"]
    assert report["summary"]["not_checked"] == 1
    assert b"missing.py" in done.stderr


def test_same_input_same_bytes(folder: Path) -> None:
    def once() -> dict[str, object]:
        report: dict[str, object] = json.loads(verify(".", "--format", "json", cwd=folder).stdout)
        summary = report["summary"]
        assert isinstance(summary, dict)
        del summary["seconds"]
        return report

    assert once() == once()


def test_standard_input(folder: Path) -> None:
    done = verify("-", "--stdin-filename", "pkg/new.py", "--format", "concise", cwd=folder, given=BAD.encode())
    assert done.returncode == 1
    assert done.stdout.startswith(b"pkg/new.py:3:8: VER502 ")
    done = verify("-", "--format", "full", cwd=folder, given=BAD.encode("utf-8-sig").replace(b"\n", b"\r\n"))
    assert b"if x in seen:" in done.stdout, "the frame shows what came in"


def test_no_colour_unless_on_a_terminal(folder: Path) -> None:
    assert b"\x1b" not in verify("bad.py", cwd=folder).stdout
    assert b"\x1b" in verify("bad.py", cwd=folder, FORCE_COLOR="1").stdout


def test_output_file(folder: Path) -> None:
    done = verify("bad.py", "--format", "json", "--output-file", "report.json", cwd=folder)
    assert done.stdout == b""
    assert json.loads((folder / "report.json").read_text())["summary"]["warnings"] == 1


def test_configuration(folder: Path) -> None:
    (folder / "pyproject.toml").write_text('[tool.verify]\nper-file-ignores = {"bad.py" = ["VER5"]}\n')
    assert verify(".", cwd=folder).returncode == 0
    (folder / "pyproject.toml").write_text('[tool.verify]\nslect = ["VER5"]\n')
    done = verify(".", cwd=folder)
    assert done.returncode == 2
    assert b"did you mean 'select'" in done.stderr


def test_a_crash_of_ours_is_status_2(folder: Path) -> None:
    code = "import verifier.engine, verifier.cli, sys\ndef run(*a, **k): raise KeyError('ours')\n"
    code += "verifier.engine.run = run\nsys.argv = ['verify', 'good.py']\nverifier.cli.main()\n"
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, check=False)
    assert done.returncode == 2
    assert b"Traceback" in done.stderr
    assert b"defect of verify" in done.stderr


def test_as_a_library(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    report = verifier.verify_source(BAD, "inline.py", offline=True, no_cache=True)
    assert [(each.code, each.path) for each in report.findings] == [("VER502", "inline.py")]
    report = verifier.verify_paths([folder], offline=True, no_cache=True)
    assert report.files == 2
