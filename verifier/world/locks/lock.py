"""What a lock file says, whichever tool wrote it, and the words that its readers share."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name, parse_sdist_filename, parse_wheel_filename
from packaging.version import Version

from verifier.distributions import Locked
from verifier.world.addresses import without_credentials

_ENTRY = re.compile(r"^\[\[\s*packages?\s*\]\]", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Lock:
    """The versions that one lock file, or the pinned requirement files of one folder, chose."""

    path: Path
    origin: str
    """The file as reports name it: relative to the project's root, such as `uv.lock`."""
    requires_python: str
    """The specifier of the Pythons that it was made for; empty where it does not say."""
    packages: tuple[Locked, ...]
    complete: bool
    """Whether everything that is installed is in it, so that a name which is not there is not installed."""


class BrokenLockError(Exception):
    """A lock file that cannot be understood; the text says why, for people."""


@dataclass(frozen=True, slots=True)
class Where:
    """Where a lock file lies: the file itself, the root that reports are relative to, and its name there."""

    file: Path
    root: Path
    origin: str

    def folder(self, path: str) -> str:
        """Return a folder that the lock file names relative to itself, relative to the root and with `/`."""
        whole = os.path.normpath(self.file.parent / _unquoted(path))
        try:
            return Path(os.path.relpath(whole, self.root)).as_posix()
        except ValueError:  # another drive
            return Path(whole).as_posix()

    def address(self, text: str) -> str:
        """Return the address of an index or a file, without credentials; a path becomes a `file:` address."""
        if "://" in text:
            return without_credentials(text)[0]
        try:
            return Path(os.path.normpath(self.file.parent / _unquoted(text))).as_uri()
        except ValueError:  # a null character, or a path that stays relative
            return ""


def entry_lines(text: str, count: int) -> Sequence[int]:
    """Return the line of each `[[package]]`, or zeros where they are not told apart with certainty."""
    starts = [match.start() for match in _ENTRY.finditer(text)]
    if len(starts) != count:
        return [0] * count
    lines, line, seen = [], 1, 0
    for start in starts:
        line += text.count("\n", seen, start)
        seen = start
        lines.append(line)
    return lines


def last_segment(url: str) -> str:
    """Return the file name at the end of an address or path."""
    try:
        path = urlsplit(url).path if "://" in url else url.replace("\\", "/")
    except ValueError:
        return ""
    return unquote(path.rstrip("/").rpartition("/")[2])


def name_and_version(file: str) -> tuple[str, str]:
    """Return the distribution and the version that a wheel's or source archive's name says; empty where it is none."""
    try:
        name, version = parse_wheel_filename(file)[:2] if file.endswith(".whl") else parse_sdist_filename(file)
    except ValueError:  # no such file name
        return "", ""
    return str(name), str(version)


def version_or_none(text: str) -> str:
    """Return the text if it is a version, else nothing."""
    try:
        Version(text)
    except ValueError:  # InvalidVersion, or a number of thousands of digits
        return ""
    return text.strip()


def specifiers_or_none(text: str) -> str:
    """Return the text if it is a set of version specifiers (`*` is the empty one), else nothing."""
    try:
        return "" if text.strip() == "*" else str(SpecifierSet(text))
    except ValueError:  # InvalidSpecifier, or a number of thousands of digits
        return ""


def named(name: str) -> str:
    """Return a distribution's name as all of them are compared (PEP 503)."""
    return str(canonicalize_name(name.strip()))


def either(conditions: Iterable[str]) -> str:
    """Return the marker that holds where any of the given ones does; one that always holds makes it empty."""
    unique = list(dict.fromkeys(condition.strip() for condition in conditions))
    if not unique or "" in unique:
        return ""
    return unique[0] if len(unique) == 1 else " or ".join(f"({condition})" for condition in unique)


def distinct(packages: Iterable[Locked]) -> tuple[Locked, ...]:
    """Return the packages without those that say the same again, as entries for extras do."""
    kept: dict[tuple[str, str, str, str], Locked] = {}
    for package in packages:
        kept.setdefault((package.name, package.version, package.marker, package.local), package)
    return tuple(kept.values())


def _unquoted(path: str) -> str:
    return path.removeprefix("file:").replace("\\", "/")
