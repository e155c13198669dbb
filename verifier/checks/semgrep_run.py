"""Where the semgrep program is and how it runs: in a folder of ours, without network, nosemgrep or ignore files."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LIMIT_SECONDS = 300.0
"""The whole run may take this long before it is killed."""
_RULE_SECONDS = 15
"""One rule may spend this long on one file before semgrep reports a timeout for the pair."""


class SemgrepError(Exception):
    """Semgrep gave no answer that could be read; the text says what it did instead."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one run reported: matches, errors, and the files that it says it read (as paths below the folder)."""

    results: Sequence[Mapping[str, Any]]
    errors: Sequence[Mapping[str, Any]]
    scanned: frozenset[str]


def find_program() -> Path | None:
    """The semgrep beside our interpreter, else the first on PATH, else None."""
    beside = shutil.which("semgrep", path=str(Path(sys.executable).parent))
    found = beside or shutil.which("semgrep")
    return Path(found) if found else None


def run(program: Path, folder: Path, config: str, target: str, seconds: float = LIMIT_SECONDS) -> Answer:
    """Run the rules of `config` over `target`, both names below `folder`; raises SemgrepError.

    The experimental command gives the same answer ten times as fast (measured with 1.182); where its answer is not the
    JSON that both commands document, the plain one is asked.
    """
    fast, reason = _ask(program, folder, ("--experimental", "--novcs"), config, target, seconds)
    if fast:
        return fast
    plain, plain_reason = _ask(program, folder, (), config, target, seconds)
    if plain:
        return plain
    raise SemgrepError(plain_reason or reason)


def _ask(
    program: Path, folder: Path, options: Sequence[str], config: str, target: str, seconds: float
) -> tuple[Answer | None, str]:
    command = [str(program), "scan", *options, "--json", "--metrics=off", "--disable-version-check", "--oss-only"]
    command += ["--no-git-ignore", "--disable-nosem", "--max-target-bytes=0", f"--timeout={_RULE_SECONDS}"]
    command += ["--config", config, target]
    try:
        with _started(command, folder) as process:
            output, errors = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        raise SemgrepError(f"semgrep was stopped after {seconds:.0f} seconds") from None
    except OSError as error:
        raise SemgrepError(f"semgrep could not be started: {error}") from error
    answer = _read(output)
    if answer:
        return answer, ""
    said = errors.decode("utf-8", "replace").strip().splitlines()[-1:] or ["nothing on standard error"]
    return None, f"semgrep answered no JSON that is known (exit {process.returncode}): {said[0][:300]}"


@contextmanager
def _started(command: Sequence[str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(
        command,
        cwd=folder,
        env=_environment(folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                _kill(process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    # The plain command is a Python program that starts the engine: killing it alone would leave the engine running.
    if sys.platform == "win32":
        process.kill()
    else:
        os.killpg(process.pid, signal.SIGKILL)


def _environment(folder: Path) -> Mapping[str, str]:
    # SEMGREP_RULES would add rules, SEMGREP_APP_TOKEN a server: no variable of the caller's reaches the run.
    kept = {key: value for key, value in os.environ.items() if not key.startswith("SEMGREP_")}
    return kept | {
        "SEMGREP_SEND_METRICS": "off",
        "SEMGREP_ENABLE_VERSION_CHECK": "0",
        "SEMGREP_SETTINGS_FILE": str(folder / "settings.yml"),
        "SEMGREP_LOG_FILE": str(folder / "semgrep.log"),
        "SEMGREP_VERSION_CACHE_PATH": str(folder / "version"),
    }


def _read(output: bytes) -> Answer | None:
    try:
        data = json.loads(output)
    except ValueError:
        return None
    match data:
        case {"results": list(results), "errors": list(errors), "paths": {"scanned": list(scanned)}}:
            return Answer(results, errors, frozenset(str(path).replace("\\", "/") for path in scanned))
    return None
