"""What checking a file of 200 lines moves over the network, when five pinned libraries are read from their wheels.

    python benchmarks/archives.py [--index-url URL]

Three ways to say the versions: a uv.lock with the addresses of the files, a requirements file without, and --with.
Each is run with an empty cache and again with what that left. Prints requests, megabytes received, seconds, and the
requests of each library: its page on the index, and those to its wheel. The time that installing the same versions
takes, without their dependencies and without pip's cache, stands beside them.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PINS = {
    "matplotlib": "3.10.0",
    "numpy": "2.2.1",
    "pandas": "2.2.3",
    "requests": "2.32.3",
    "scikit-learn": "1.6.0",
}
RUN = """\
import contextlib, io, json, sys, time
from collections import Counter
from verifier.world import http
asked = Counter()
plain = http.stream
def counted(indexes, url, **options):
    asked[url.partition("#")[0].rstrip("/").rpartition("/")[2].partition("-")[0].lower().replace("_", "-")] += 1
    return plain(indexes, url, **options)
http.stream = counted
from verifier.cli import main
begun = time.perf_counter()
text = io.StringIO()
with contextlib.suppress(SystemExit), contextlib.redirect_stdout(text):
    main()
report = json.loads(text.getvalue())
print(json.dumps({
    "seconds": time.perf_counter() - begun, "requests": http.traffic.requests, "bytes": http.traffic.bytes,
    "asked": asked, "findings": len(report["findings"]), "problems": [each["text"] for each in report["problems"]],
}))
"""
LOCK = """\
version = 1
revision = 1
requires-python = ">=3.11"
"""
PACKAGE = """
[[package]]
name = "{name}"
version = "{version}"
source = {{ registry = "{index}" }}
wheels = [
    {{ url = "{url}", hash = "{digest}" }},
]
"""


def verify(folder: Path, cache: Path, *options: str) -> dict[str, object]:
    """One run in a fresh process: what it moved, and how long it took."""
    command = [sys.executable, "-c", RUN, "--format", "json", "--select", "VER1,VER2,VER3", *options, str(folder)]
    environ = {key: value for key, value in os.environ.items() if key != "VIRTUAL_ENV"}
    done = subprocess.run(
        command, capture_output=True, check=True, env={**environ, "XDG_CACHE_HOME": str(cache)}, cwd=folder
    )
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


def lock_file(index_url: str | None, folder: Path) -> str:
    """A uv.lock of the pinned versions, with the addresses that the index gives."""
    from verifier.distributions import Releases  # noqa: PLC0415  # the program is not loaded where it is measured
    from verifier.world import archives  # noqa: PLC0415  # likewise
    from verifier.world.index import configuration  # noqa: PLC0415  # likewise
    from verifier.world.index.releases import releases  # noqa: PLC0415  # likewise

    indexes, _ = configuration.read(folder, os.environ, index_url=index_url, offline=False, cache=None)
    text = LOCK
    for name, version in PINS.items():
        found = releases(indexes, name, end=time.monotonic() + 60)
        assert isinstance(found, Releases), found
        files = [file for file in found.files if file.version == version]
        wheel = archives.choose(files, python=sys.version_info[:2], platform=sys.platform)
        assert wheel is not None, f"{name} {version} has no file"
        digest = wheel.hashes[0] if wheel.hashes else ""
        text += PACKAGE.format(name=name, version=version, index=found.index, url=wheel.url, digest=digest)
    return text


def install(folder: Path, index_url: str | None) -> float:
    """Seconds that pip needs for the same versions."""
    options = ["--index-url", index_url] if index_url else []
    pins = [f"{name}=={version}" for name, version in PINS.items()]
    command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-cache-dir", "--target", str(folder)]
    begun = time.perf_counter()
    subprocess.run([*command, *options, *pins], check=True, capture_output=True)
    return time.perf_counter() - begun


def measure(index_url: str | None) -> None:
    """Every way, cold and warm."""
    sample = Path(__file__).with_name("sales_report.txt").read_text(encoding="utf-8")
    pins = [f"{name}=={version}" for name, version in PINS.items()]
    options = [word for pin in pins for word in ("--with", pin)]
    with tempfile.TemporaryDirectory() as place:
        ways = {
            "uv.lock": ({"uv.lock": lock_file(index_url, Path(place))}, ()),
            "requirements.txt": ({"requirements.txt": "\n".join(pins) + "\n"}, ()),
            "--with": ({}, options),
        }
        for number, (way, (files, given)) in enumerate(ways.items()):
            folder, cache = Path(place) / f"project{number}", Path(place) / f"cache{number}"
            folder.mkdir()
            for name, text in {"report.py": sample, **files}.items():
                (folder / name).write_text(text, encoding="utf-8")
            extra = (*given, *(["--index-url", index_url] if index_url else []))
            for state in ("cold", "warm"):
                got = verify(folder, cache, *extra)
                moved = float(str(got["bytes"])) / 1e6
                print(f"{way}, {state}: {got['requests']} requests, {moved:.2f} MB, {got['seconds']:.2f} s")
                print(f"    requests: {got['asked']}; {got['findings']} findings; problems: {got['problems']}")
        print(f"pip install of the same: {install(Path(place) / 'target', index_url):.1f} s")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--index-url")
    measure(parser.parse_args().index_url)
