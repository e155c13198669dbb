"""What a Python interpreter says about itself: its version and its package folders, without any start-up code."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

_SECONDS = 10.0

# -I keeps the working folder and PYTHON* variables out, -S every .pth file. `import site` then only defines functions;
# they know the folders that distributors add to sysconfig's.
_QUESTION = """
import json, site, sys, sysconfig
paths = [sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
paths += site.getsitepackages() + [site.getusersitepackages()]
print(json.dumps([list(sys.version_info[:2]), paths, sys.platform]))
"""


class NoAnswerError(RuntimeError):
    """The program is no Python 3 interpreter, or it did not answer in time."""


@dataclass(frozen=True, slots=True)
class Told:
    """An interpreter's version, its package folders (not all need exist) and its platform as sys.platform."""

    version: tuple[int, int]
    paths: tuple[str, ...]
    platform: str


def ask(python: Path, seconds: float = _SECONDS) -> Told:
    """Start that interpreter, at most for that many seconds, and read its answer; raises NoAnswerError."""
    command = [str(python), "-I", "-S", "-c", _QUESTION]
    try:
        done = subprocess.run(command, capture_output=True, timeout=seconds, check=False, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        raise NoAnswerError(f"{python} did not answer within {seconds:g} s") from None
    except (OSError, ValueError) as error:
        raise NoAnswerError(f"{python} cannot be started: {error}") from error
    if done.returncode:
        raise NoAnswerError(f"{python} is no Python 3 interpreter (it ended with status {done.returncode})")
    try:
        version, paths, platform = json.loads(done.stdout)
        return Told((int(version[0]), int(version[1])), tuple(map(str, paths)), str(platform))
    except (ValueError, TypeError, IndexError) as error:
        raise NoAnswerError(f"{python} is no Python interpreter: its answer was not understood") from error
