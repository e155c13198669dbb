"""The whole program against real index servers on loopback: each verdict, and each kind of trouble."""

from __future__ import annotations

import subprocess
import sys
import time
import venv
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from verifier.config import Config
from verifier.engine import run
from verifier.model import ProblemKind, Report

HTML = '<!DOCTYPE html><html><body><a href="{0}-1.0.tar.gz">{0}-1.0.tar.gz</a></body></html>'


def check(root: Path, text: str, url: str, **settings: object) -> Report:
    (root / "code.py").write_text(text)
    config = Config(root=root, select=("imports",), index_url=url, no_cache=True, **settings)  # type: ignore[arg-type]  # fields
    return run([root / "code.py"], config, environ={})


def verdicts(report: Report) -> dict[str, str]:
    return {each.symbol or "": each.code for each in report.findings}


def test_private_index_and_environment(private_index: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.chdir(tmp_path)
    venv.create(tmp_path / ".venv", with_pip=False)
    python = tmp_path / ".venv" / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    install = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-cache-dir"]
    subprocess.run([*install, "--index-url", private_index, "tiny-one"], check=True, capture_output=True)
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "p"\nversion = "1"\ndependencies = ["tiny-one"]\n')
    text = "import os\nimport tiny_one\nimport tiny_one.nothing\nimport tiny_two\nimport tiny_three\nimport asyncore\n"
    text += "try:\n    import tiny_two as t\nexcept ImportError:\n    t = None\n"
    text += "try:\n    import tiny_four as f\nexcept ImportError:\n    f = None\n"
    report = check(tmp_path, text, private_index, python=".venv")
    expected = {"tiny_one.nothing": "VER103", "tiny_two": "VER102", "tiny_three": "VER101", "tiny_four": "VER106"}
    if sys.version_info >= (3, 12):
        expected["asyncore"] = "VER105"
    assert verdicts(report) == expected
    assert report.problems == ()
    assert ".venv" in report.environment


def test_every_kind_of_trouble(httpserver: HTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "localhost,127.0.0.1")
    monkeypatch.chdir(tmp_path)
    asked: dict[str, int] = {}

    def answer(request: Request) -> Response:
        name = request.path.strip("/").rsplit("/", 1)[-1]
        asked[name] = asked.get(name, 0) + 1
        if name == "simple":
            return Response("<html><body></body></html>", content_type="text/html")
        if name == "slow":
            time.sleep(2)
        if name in {"there", "slow"}:
            return Response(HTML.format(name), content_type="text/html")
        if name == "broken":
            return Response("later", status=503)
        if name == "limited" and asked[name] == 1:
            return Response("slower", status=429, headers={"Retry-After": "1"})
        if name == "limited":
            return Response(HTML.format(name), content_type="text/html")
        return Response("not found", status=404)

    httpserver.expect_request("/simple/").respond_with_handler(answer)
    for name in ("there", "nowhere", "broken", "limited", "slow"):
        httpserver.expect_request(f"/simple/{name}/").respond_with_handler(answer)
    text = "import there\nimport nowhere\nimport broken\nimport limited\nimport slow\n"
    (tmp_path / "requirements.txt").write_text("something\n")
    begun = time.monotonic()
    report = check(tmp_path, text, httpserver.url_for("/simple/"))
    assert verdicts(report) == {"there": "VER102", "limited": "VER102", "slow": "VER102", "nowhere": "VER101"}
    assert {each.kind for each in report.problems} == {ProblemKind.INDEX}
    unverified = [each.text for each in report.problems if "could not verify" in each.text]
    assert len(unverified) == 1
    assert "broken" in unverified[0]
    assert not any("nowhere" in each.text for each in report.problems)
    assert asked["limited"] == 2
    assert time.monotonic() - begun < 25


def test_unreachable_index_is_one_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    report = check(tmp_path, "import one_thing\nimport other_thing\n", "http://127.0.0.1:9/simple/")
    assert report.findings == ()
    assert len(report.problems) == 1
    assert "one_thing, other_thing" in report.problems[0].text
    assert report.not_checked == 1


@pytest.mark.parametrize(
    ("declared", "text", "missing"),
    [
        ("tiny-one", "import tiny_one\n", []),
        ("tiny-one", "import tiny_one.part\nfrom tiny_one.other import x\n", ["tiny_one.part", "tiny_one.other"]),
        ("tiny-one", "try:\n    import tiny_one.part\nexcept ImportError:\n    pass\n", []),
        ("", "import tiny_two.part\n", []),  # it may be a module of a project that is not here
    ],
)
def test_modules_of_what_is_not_installed_are_looked_up_in_its_wheel(
    private_index: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, declared: str, text: str, missing: list[str]
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.chdir(tmp_path)
    if declared:
        (tmp_path / "requirements.txt").write_text(f"{declared}\n")
    report = check(tmp_path, text, private_index)
    assert [(each.code, each.symbol) for each in report.findings] == [("VER103", name) for name in missing]
    assert report.problems == ()


def test_what_is_declared_and_cannot_be_read_is_said(
    private_index: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "requirements.txt").write_text("google-cloud-storage\nunused-one\n")
    report = check(tmp_path, "from google.cloud import storage\n", private_index)
    assert report.findings == ()
    assert [each.text.partition(" (")[0].partition(": ")[2] for each in report.problems] == ["google-cloud-storage"]


def test_offline_asks_nobody(httpserver: HTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    report = check(tmp_path, "import one_thing\n", httpserver.url_for("/simple/"), offline=True)
    assert httpserver.log == []
    assert report.findings == ()
    assert "offline" in report.problems[0].text
