"""What the symbol checks cost on a file that touches pandas, numpy, scikit-learn and requests, against its imports.

    python benchmarks/symbols.py [--python ENVIRONMENT] [--runs N]

Makes a virtual environment with current versions where none is given. Each figure is the median CPU time, user and
system, of fresh processes; what the same command needs for an empty file is taken off. Cold means an empty cache
folder. Prints also the peak memory, the files of each distribution that were opened, and what importing the same four
packages costs, measured in turn with ours because machines change their pace.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

PACKAGES = ("pandas", "numpy", "scikit-learn", "requests")
CODE = """\
import numpy as np
import pandas as pd
import requests
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import accuracy_score
from sklearn.model_selection import train_test_split

frame = pd.read_csv("data.csv", usecols=["kind", "size", "label"])
means = frame.groupby("kind")["size"].mean().reset_index()
frame = frame.merge(means, on="kind", how="left").dropna()
weights = np.array([1.0, 2.0, 3.0]).reshape(-1, 1)
print(weights.mean(axis=0), np.linalg.norm(weights))
train, test, train_labels, test_labels = train_test_split(frame, frame["label"], test_size=0.2, random_state=1)
model = RandomForestClassifier(n_estimators=100, random_state=1).fit(train, train_labels)
print(accuracy_score(test_labels, model.predict(test)))
answer = requests.get("https://example.com/data", params={"page": 1}, timeout=10)
answer.raise_for_status()
print(answer.json())
"""
IMPORTS = "import numpy, pandas, requests, sklearn.ensemble, sklearn.metrics, sklearn.model_selection"
WATCH = """\
import json, os, sys
opened = set()
sys.addaudithook(lambda event, values: event == "open" and isinstance(values[0], str) and opened.add(values[0]))
from verifier.cli import main
try:
    main()
except SystemExit as end:
    print(json.dumps(sorted(opened)), file=sys.stderr)
"""


def cpu(command: list[str], **variables: str) -> tuple[float, int]:
    """CPU seconds and peak memory (KiB) of a command."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, env={**os.environ, **variables}) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in {0, 1}:
        raise SystemExit(f"{command} ended with status {process.returncode}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss


def environment(folder: Path) -> Path:
    """A new virtual environment with the packages."""
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    subprocess.run([folder / "bin" / "python", "-m", "pip", "install", "--quiet", *PACKAGES], check=True)
    return folder


def report(name: str, figures: list[float], baseline: list[float]) -> float:
    """Print the median of figures over that of a baseline."""
    cost = statistics.median(figures) - statistics.median(baseline)
    spread = f"{min(figures):.2f} to {max(figures):.2f}"
    print(f"{name}: {cost:.2f} s CPU ({spread} s, less {statistics.median(baseline):.2f} s for an empty file)")
    return cost


def opened_files(command: list[str], python: Path, cache: Path) -> None:
    """Print how many files of each installed package one cold run opens."""
    done = subprocess.run(
        [sys.executable, "-c", WATCH, *command],
        env={**os.environ, "XDG_CACHE_HOME": str(cache)},
        capture_output=True,
        text=True,
        check=False,
    )
    opened: list[str] = json.loads(done.stderr.splitlines()[-1])
    sites = [str(site) for site in python.rglob("site-packages")]
    counts: Counter[str] = Counter()
    for path in opened:
        for site in sites:
            if path.startswith(site + os.sep):
                counts[Path(path).relative_to(site).parts[0]] += 1
        if f"typeshed_client{os.sep}typeshed" in path:
            counts["typeshed"] += 1
    for name, number in counts.most_common():
        print(f"  {name}: {number}")
    if os.environ.get("VERBOSE"):
        print(*(path for path in opened if any(path.startswith(site) for site in sites)), sep="\n")


def measure(python: Path, folder: Path, runs: int) -> None:
    """Run everything in turn and print."""
    for name, text in (("code", CODE), ("empty", "")):
        (folder / name).mkdir()
        (folder / name / "pyproject.toml").write_text("")
        (folder / name / "file.py").write_text(text)
    options = ["--select", "VER2", "--offline", "--exit-zero", "--jobs", "1", "--python", str(python)]
    verify = [sys.executable, "-c", "from verifier.cli import main; main()", *options]
    busy, idle = ([*verify, str(folder / name / "file.py")] for name in ("code", "empty"))
    cold: list[float] = []
    warm: list[float] = []
    cold_idle: list[float] = []
    warm_idle: list[float] = []
    peer: list[float] = []
    peer_idle: list[float] = []
    memory = memory_warm = memory_idle = 0
    interpreter = str(python / "bin" / "python")
    cpu([interpreter, "-c", IMPORTS])
    for number in range(runs):
        cache = str(folder / f"cache{number}")
        seconds, kib = cpu(busy, XDG_CACHE_HOME=cache)
        cold.append(seconds)
        memory = max(memory, kib)
        seconds, kib = cpu(busy, XDG_CACHE_HOME=cache)
        warm.append(seconds)
        memory_warm = max(memory_warm, kib)
        seconds, kib = cpu(idle, XDG_CACHE_HOME=str(folder / f"empty{number}"))
        cold_idle.append(seconds)
        memory_idle = max(memory_idle, kib)
        warm_idle.append(cpu(idle, XDG_CACHE_HOME=cache)[0])
        peer.append(cpu([interpreter, "-c", IMPORTS])[0])
        peer_idle.append(cpu([interpreter, "-c", "pass"])[0])
    costs = report("cold", cold, cold_idle), report("warm", warm, warm_idle)
    imports = statistics.median(peer) - statistics.median(peer_idle)
    shares = ", ".join(f"{name} {cost / imports:.2f}" for name, cost in zip(("cold", "warm"), costs, strict=True))
    print(f"importing the four packages: {imports:.2f} s CPU; of that, {shares}")
    print(
        f"peak memory: cold {memory // 1024} MiB, warm {memory_warm // 1024} MiB, empty file {memory_idle // 1024} MiB"
    )
    size = sum(file.stat().st_size for file in (folder / "cache0").rglob("symbols.sqlite3"))
    print(f"the store: {size / 1e6:.1f} MB")
    arguments = [*options, str(folder / "code" / "file.py")]
    print("files opened by a cold run:")
    opened_files(arguments, python, folder / "watched")
    print("files opened by a warm run:")
    opened_files(arguments, python, folder / "watched")


def main() -> None:
    """Read the options and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", type=Path, help="an environment that has the packages")
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        measure(given.python or environment(folder / "env"), folder, given.runs)


if __name__ == "__main__":
    main()
