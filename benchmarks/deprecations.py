"""Judges the corpus of deprecated calls with the packages themselves, read from the default index at each version."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

import deprecation_corpus as corpus  # the corpus is read by the tests too


def main() -> int:
    """Print each wrong verdict and how many were right; the names of distributions may be given."""
    begun = time.perf_counter()
    right = wrong = 0
    for distribution in sys.argv[1:] or corpus.distributions():
        for version in corpus.versions(distribution):
            with tempfile.TemporaryDirectory() as folder:
                root = Path(folder) / "code"
                written = corpus.write(root, distribution, version, files=True)
                found = _found(root, distribution, version)
                for path, case in written.items():
                    code = _said(found, path, case)
                    right += code == case.verdicts[version]
                    if code != case.verdicts[version]:
                        wrong += 1
                        print(
                            f"{distribution} {version}: {code or 'silence'} at {case.code.splitlines()[case.line - 1]}"
                        )
    calls = sum(1 for each in sys.argv[1:] or corpus.distributions() for _ in corpus.cases(each))
    print(f"{calls} calls, {right} of {right + wrong} verdicts right, {time.perf_counter() - begun:.0f} s")
    return 1 if wrong else 0


def _found(root: Path, distribution: str, version: str) -> list[dict[str, object]]:
    options = ["--python-version", version] if distribution == "python" else ["--with", f"{distribution}=={version}"]
    command = [sys.executable, "-m", "verifier.cli", "check", ".", "--select", "VER3", "--format", "json", *options]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if not done.stdout:
        raise SystemExit(f"{distribution} {version}: {done.stderr}")
    report = json.loads(done.stdout)
    for problem in report["problems"]:
        print(f"{distribution} {version}: {problem['text']}")
    return list(report["findings"])


def _said(found: list[dict[str, object]], path: str, case: corpus.Case) -> str:
    inside = path.partition("/")[2]
    return min((str(each["code"]) for each in found if (each["path"], each["line"]) == (inside, case.line)), default="")


if __name__ == "__main__":
    sys.exit(main())
