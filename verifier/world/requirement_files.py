"""What requirements.txt files declare, in the format that pip reads."""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from packaging.requirements import Requirement as Parsed
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

from verifier.model import Problem, ProblemKind, Requirement

PATTERNS = ("*requirements*.txt", "*requirements*.in", "constraints*.txt", "requirements/*.txt", "requirements/*.in")
_INCLUDE = re.compile(r"(?:-r|--requirement|-c|--constraint)(?:\s*=\s*|\s+|(?=[^-\s]))(\S+)")
_OPTION = re.compile(r"\s--?[a-z][a-z-]*(?:[= ]|$).*", re.IGNORECASE)
_COMMENT = re.compile(r"(?:^|\s)#.*$")
_EGG = re.compile(r"[#&]egg=([A-Za-z0-9][A-Za-z0-9._-]*)")
_URL = re.compile(r"(?:[a-z]+\+)?[a-z]+://", re.IGNORECASE)
_LOGIN = re.compile(r"(?<=//)[^/\s@]*@")
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


@dataclass(frozen=True, slots=True)
class Line:
    """One logical line of a requirements file: its text without comments, and where it begins."""

    text: str
    origin: str
    file: Path
    number: int
    """Of its first physical line, 1-based."""
    physical: str
    """That first line as it stands in the file."""
    constraint: bool
    """Whether the file only constrains what others require (`-c`)."""


def read(root: Path) -> Iterator[Requirement | Problem]:
    """Every requirement in the requirement files of root, and a Problem for each file or line that is broken."""
    seen: set[Path] = set()
    for pattern in PATTERNS:
        for file in sorted(root.glob(pattern)):
            yield from read_file(file, root, seen)


def read_file(file: Path, root: Path, seen: set[Path]) -> Iterator[Requirement | Problem]:
    """Return the requirements of one file and of those it includes; files in `seen` are skipped, and it grows."""
    for line in lines(file, root, seen):
        if isinstance(line, Problem):
            yield line
        elif not line.text.startswith("-"):
            yield from parse(line.text, line.origin, f"{line.origin}:{line.number}")


def lines(file: Path, root: Path, seen: set[Path], *, constraint: bool = False) -> Iterator[Line | Problem]:
    """Return the lines of one file and of those it includes; files in `seen` are skipped, and it grows."""
    origin = origin_of(file, root)
    try:
        if file.resolve() in seen:
            return
        seen.add(file.resolve())
        text = _decode(file.read_bytes())
    except UnicodeDecodeError as error:
        yield Problem(origin, ProblemKind.ENCODING, f"{origin} is no UTF-8 text (byte {error.start}), and was not read")
        return
    except OSError as error:
        yield Problem(origin, ProblemKind.IO, f"{origin} cannot be read: {error.strerror}")
        return
    except (ValueError, RuntimeError) as error:  # a name with a null character, or a link to itself
        yield Problem(origin, ProblemKind.IO, f"{origin} cannot be read: {error}")
        return
    physical = text.splitlines()
    for number, line in _lines(text):
        if include := _INCLUDE.match(line):
            if not _URL.match(include[1]):
                bounds = constraint or line.startswith(("-c", "--constraint"))
                inner = Path(os.path.normpath(file.parent / include[1]))
                yield from lines(inner, root, seen, constraint=bounds)
        else:
            yield Line(line, origin, file, number, physical[number - 1], constraint)


def parse(text: str, origin: str, place: str | None = None) -> Iterator[Requirement | Problem]:
    """One requirement as pip takes it: a specification, a URL that tells its name, or a path (which declares none)."""
    line = without_options(text)
    if not line or line[0] in "./\\-" or re.match(r"[A-Za-z]:[\\/]", line):
        return
    if _URL.match(line):
        if name := _name_in(line):
            yield Requirement(canonicalize_name(name), "", origin)
        return
    if (found := parsed(line)) is None:
        if Path(line).suffix not in {".whl", ".gz", ".zip"}:
            yield Problem(origin, ProblemKind.SYNTAX, f"{place or origin}: {without_login(line)!r} is no requirement")
        elif name := _name_in(line):
            yield Requirement(canonicalize_name(name), "", origin)
        return
    extras = tuple(sorted(canonicalize_name(each) for each in found.extras))
    yield Requirement(canonicalize_name(found.name), str(found.specifier), origin, extras=extras)


def parsed(text: str) -> Parsed | None:
    """Return a requirement as the specification defines it (PEP 508), None for anything else."""
    try:
        return Parsed(text)
    except (ValueError, RecursionError):  # InvalidRequirement, a number of thousands of digits, as many parentheses
        return None


def without_options(text: str) -> str:
    """Return a requirement without the options (`--hash=…`) that may follow it on its line."""
    return _OPTION.sub("", text).strip()


def without_login(text: str) -> str:
    """Return the text without user and password in the addresses that it names."""
    return _LOGIN.sub("", text)


def origin_of(file: Path, root: Path) -> str:
    """Return the file as a report names it: relative to root where it lies under it, with forward slashes."""
    return file.relative_to(root).as_posix() if file.is_relative_to(root) else file.as_posix()


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Logical lines without comments, with the number of the first line of each."""
    pending, start = "", 0
    for number, line in enumerate(text.splitlines(), start=1):
        start = start if pending else number
        bare = _COMMENT.sub("", line)
        if bare.endswith("\\") and bare == line:
            pending += bare[:-1] + " "
            continue
        if joined := (pending + bare).strip():
            yield start, joined
        pending = ""
    if pending.strip():
        yield start, pending.strip()


def _name_in(url: str) -> str | None:
    """Return the distribution that a URL or file name says it is, None where it says nothing."""
    if egg := _EGG.search(url):
        return egg[1]
    try:
        return parse_wheel_filename(unquote(urlsplit(url).path).rpartition("/")[2])[0]
    except (InvalidWheelFilename, ValueError):
        return None


def _decode(data: bytes) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding)
    return data.decode("utf-8")
