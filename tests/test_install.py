"""rules/ is found from a wheel, from a plain install and from an editable one, each in a fresh virtual environment."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from verifier import catalogue

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that git knows, without what lies around them here."""
    folder = tmp_path_factory.mktemp("checkout")
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, check=True
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if name.startswith(("fixtures/", "tests/")) or not (ROOT / name).is_file():
            continue
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, folder / name)
    return folder


def pip(*arguments: str, python: Path | None = None) -> None:
    where = ["--python", str(python)] if python else []
    command = [
        sys.executable,
        "-m",
        "pip",
        *where,
        *arguments,
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
        "--quiet",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("way", ["wheel", "plain", "editable"])
def test_rules_are_found(way: str, checkout: Path, tmp_path: Path) -> None:
    source = shutil.copytree(checkout, tmp_path / "source")
    environment = tmp_path / "env"
    venv.create(environment, with_pip=False)
    # the dependencies come from the environment that runs the tests: no test needs the internet
    site = next((environment / "lib").glob("python*")) / "site-packages"
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    bin_ = environment / ("Scripts" if sys.platform == "win32" else "bin")
    if way == "wheel":
        pip("wheel", str(source), "--wheel-dir", str(tmp_path))
        shutil.rmtree(source)
        target = [str(next(tmp_path.glob("*.whl")))]
    else:
        target = ["--editable", str(source)] if way == "editable" else [str(source)]
    pip("install", *target, python=bin_ / "python")
    if way == "plain":
        shutil.rmtree(source)
    for command in ("verify", "verifier"):
        done = subprocess.run([bin_ / command, "rules"], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert all(rule.code in done.stdout for rule in catalogue.load())
    (tmp_path / "bad.py").write_text("from collections import Mapping\nimport imp_that_is_not\nq = [\n")
    done = subprocess.run(
        [bin_ / "verify", "bad.py", "--offline"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stderr
    assert "VER701" in done.stdout
    code = "import verifier; print(verifier.__file__)"
    place = subprocess.run(
        [bin_ / "python", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout
    assert ("source" if way == "editable" else "site-packages") in place
