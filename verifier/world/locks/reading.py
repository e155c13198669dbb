"""Which lock file counts for a folder or a script, and what it says."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
from packaging.pylock import is_valid_pylock_path

from verifier.model import Problem, ProblemKind
from verifier.world.locks import lock, pdm, pipenv, poetry, pylock, requirements, uv
from verifier.world.locks.lock import BrokenLockError, Lock
from verifier.world.requirement_files import origin_of

_MOST_BYTES = 100_000_000
_Read = Callable[[lock.Where, str, dict[str, Any]], Lock]
_Result = tuple[Lock | None, tuple[Problem, ...]]
_Stamp = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class _Kind:
    """One format of lock files."""

    read: _Read
    parse: Callable[[str], Any] = tomllib.loads


_KINDS = {
    "uv.lock": _Kind(uv.read),
    "poetry.lock": _Kind(poetry.read),
    "pdm.lock": _Kind(pdm.read),
    "pylock.toml": _Kind(pylock.read),
    "Pipfile.lock": _Kind(pipenv.read, json.loads),
}
"""By file name, in the order in which they count."""


def find(folder: Path) -> Path | None:
    """Return the lock file in a folder that counts, None where there is none; pinned requirements are no such file."""
    return next((files[0] for _, files in _files(folder)), None)


def read(folder: Path, root: Path) -> _Result:
    """Return what the first readable lock file, or else the pinned requirements files, directly in a folder chose.

    A Problem for each lock file that is broken or of an unknown version; `root` is what origins are relative to.
    """
    stamps = tuple(sorted(_stamps(folder)))
    return _read(folder, root, stamps) if stamps else (None, ())


def locked_for(folder: Path, top: Path) -> _Result:
    """Return the nearest lock at or above a folder, no higher than `top`, and what could not be read on the way.

    A workspace's members have declarations of their own, and their lock lies at the workspace's root.
    """
    problems: tuple[Problem, ...] = ()
    for each in (folder, *folder.parents) if folder.is_relative_to(top) else (folder,):
        found, broken = read(each, top)
        problems += broken
        if found is not None or each == top:
            return found, problems
    return None, problems


def for_script(file: Path) -> _Result:
    """Return what the lock file beside a script (`script.py.lock`, which uv writes) chose, None where there is none."""
    beside = file.with_name(f"{file.name}.lock")
    if not beside.is_file():
        return None, ()
    match _one(beside, beside.parent, _KINDS["uv.lock"]):
        case Problem() as problem:
            return None, (problem,)
        case found:
            return found, ()


def _files(folder: Path) -> Iterator[tuple[_Kind, list[Path]]]:
    """Return the lock files in a folder by format; of pylock.toml there may be several, named after their purpose."""
    for name, kind in _KINDS.items():
        if name == "pylock.toml":
            named = sorted(file for file in folder.glob("pylock*.toml") if is_valid_pylock_path(file))
            files = sorted(named, key=lambda file: file.name != name)
        else:
            files = [folder / name]
        if present := [file for file in files if file.is_file()]:
            yield kind, present


def _stamps(folder: Path) -> Iterator[_Stamp]:
    files = [file for _, present in _files(folder) for file in present]
    files += [file for pattern in requirements.PATTERNS for file in folder.glob(pattern)]
    for file in (*files, folder / "pyproject.toml") if files else ():
        try:
            state = file.stat()
        except OSError:
            continue
        yield file.name, state.st_mtime_ns, state.st_size


@lru_cache(maxsize=256)
def _read(folder: Path, root: Path, _stamps: tuple[_Stamp, ...]) -> _Result:
    problems: tuple[Problem, ...] = ()
    for kind, files in _files(folder):
        found: Lock | None = None
        for file in files:
            match _one(file, root, kind):
                case Problem() as problem:
                    problems += (problem,)
                case one:
                    found = one if found is None else _joined(found, one)
        if found is not None:
            return found, problems
    pinned, unread = requirements.read(folder, root)
    return pinned, problems + unread


def _joined(first: Lock, second: Lock) -> Lock:
    """Return both locks as one; of a name that both choose the first's versions count."""
    names = {package.name for package in first.packages}
    more = (package for package in second.packages if package.name not in names)
    return replace(first, packages=(*first.packages, *more))


def _one(file: Path, root: Path, kind: _Kind) -> Lock | Problem:
    origin = origin_of(file, root)
    try:
        if file.stat().st_size > _MOST_BYTES:
            return Problem(
                origin, ProblemKind.LIMIT, f"{origin} is larger than {_MOST_BYTES:,} bytes, and was not read"
            )
        text = file.read_bytes().decode("utf-8-sig")
        data = kind.parse(text)
        if not isinstance(data, dict):
            return Problem(origin, ProblemKind.SYNTAX, f"{origin} is no lock file: it holds no table")
        return kind.read(lock.Where(file, root, origin), text, data)
    except UnicodeDecodeError as error:
        return Problem(
            origin, ProblemKind.ENCODING, f"{origin} is no UTF-8 text (byte {error.start}), and was not read"
        )
    except OSError as error:
        return Problem(origin, ProblemKind.IO, f"{origin} cannot be read: {error.strerror}")
    except BrokenLockError as error:
        return Problem(origin, ProblemKind.ENVIRONMENT, f"{origin} was not read: {error}")
    except msgspec.ValidationError as error:
        return Problem(origin, ProblemKind.SYNTAX, f"{origin} has not the form of such a lock file: {error}")
    except (ValueError, RecursionError) as error:  # broken TOML or JSON
        return Problem(origin, ProblemKind.SYNTAX, f"{origin} is broken: {error}")
