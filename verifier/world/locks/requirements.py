"""The versions that requirements files pin, as `pip freeze`, pip-compile and `uv export` write them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from packaging.requirements import Requirement

from verifier.distributions import DistributionFile, Locked
from verifier.model import Problem
from verifier.world import requirement_files
from verifier.world.addresses import without_credentials
from verifier.world.locks import lock
from verifier.world.locks.lock import Lock
from verifier.world.requirement_files import Line

PATTERNS = ("requirements.txt", "*requirements*.txt", "requirements/*.txt")
_HASH = re.compile(r"--hash[=\s]\s*([a-z0-9_]+:[0-9a-f]+)", re.IGNORECASE)
_EDITABLE = re.compile(r"(?:-e|--editable)(?:\s*=\s*|\s+)(\S+)")
_SYSTEM = re.compile(r"(?:git|hg|svn|bzr)\+", re.IGNORECASE)
_EGG = re.compile(r"[#&]egg=([A-Za-z0-9][A-Za-z0-9._-]*)")
_PATH = re.compile(r"[./\\]|[A-Za-z]:[\\/]|file:")


def read(folder: Path, root: Path) -> tuple[Lock | None, tuple[Problem, ...]]:
    """Return what the requirements files of a folder pin, None where they pin nothing.

    It is complete when each requirement is pinned, by itself or by a constraint, as in a compiled list.
    """
    seen: set[Path] = set()
    files = dict.fromkeys(file for pattern in PATTERNS for file in sorted(folder.glob(pattern)))
    pinned: list[Locked] = []
    wanted: set[str] = set()
    problems: dict[Problem, None] = {}
    for line in (line for file in files for line in requirement_files.lines(file, root, seen)):
        if isinstance(line, Problem):
            problems[line] = None
            continue
        for item in _read_line(line, root):
            match item:
                case Problem():
                    problems[item] = None
                case Locked():
                    pinned.append(item)
                case str() if not line.constraint:
                    wanted.add(item)
    packages = _first(pinned)
    if not packages:
        return None, tuple(problems)
    complete = not problems and wanted <= {package.name for package in packages}
    first = next(iter(files))
    return Lock(first, requirement_files.origin_of(first, root), "", packages, complete), tuple(problems)


def _first(pinned: list[Locked]) -> tuple[Locked, ...]:
    """Return the pins without those of a name that an earlier one pins everywhere: requirements.txt comes first."""
    kept: list[Locked] = []
    everywhere: set[str] = set()
    for package in pinned:
        if package.name not in everywhere:
            kept.append(package)
        if not package.marker:
            everywhere.add(package.name)
    return lock.distinct(kept)


def _read_line(line: Line, root: Path) -> Iterator[Locked | Problem | str]:
    """What one line pins, or the name that it requires without pinning it."""
    where = lock.Where(line.file, root, line.origin)
    editable = _EDITABLE.match(line.text)
    text = editable[1] if editable else requirement_files.without_options(line.text)
    if not text or (text.startswith("-") and not editable):
        return
    blank = Locked("", "", line.origin, line.number)
    requirement = None if editable else requirement_files.parsed(text)
    if requirement is None:
        if editable or "://" in text or _PATH.match(text) or lock.name_and_version(lock.last_segment(text))[0]:
            yield from _addressed(where, blank, text)
        else:
            broken = requirement_files.parse(text, line.origin, f"{line.origin}:{line.number}")
            yield from (item for item in broken if isinstance(item, Problem))
        return
    blank = replace(blank, name=lock.named(requirement.name), marker=str(requirement.marker or ""))
    if requirement.url:
        yield from _addressed(where, blank, requirement.url)
        return
    version = _pin(requirement)
    if not version:
        yield blank.name
        return
    hashes = _HASH.findall(line.text)
    files = tuple(DistributionFile("", "", version, (digest.lower(),)) for digest in hashes)
    yield replace(blank, version=version, files=files)


def _pin(requirement: Requirement) -> str:
    """Return the one version that a requirement allows, nothing where it allows several."""
    for each in requirement.specifier:
        if each.operator in {"==", "==="} and not each.version.endswith(".*") and lock.version_or_none(each.version):
            return each.version
    return ""


def _addressed(where: lock.Where, blank: Locked, text: str) -> Iterator[Locked | str]:
    """What a requirement by address or path pins; a folder without a name says nothing that could be looked up."""
    address, _, fragment = text.partition("#")
    egg = _EGG.search(text)
    name = blank.name or (lock.named(egg[1]) if egg else "")
    if _SYSTEM.match(address):
        if name:
            yield replace(blank, name=name, local=without_credentials(address)[0])
        return
    file = lock.last_segment(address.partition("[")[0])
    told, version = lock.name_and_version(file)
    if not told and not file.endswith((".whl", ".zip", ".gz", ".bz2", ".tgz")):
        if name:
            yield replace(blank, name=name, local=where.folder(address))
        return
    name = name or told
    if not name:
        return
    digest = fragment.split("&")[0].replace("=", ":", 1).lower()
    hashes = (digest,) if re.fullmatch(r"[a-z0-9]+:[0-9a-f]+", digest) else ()
    yield replace(
        blank,
        name=lock.named(name),
        version=version,
        files=(DistributionFile(file, where.address(address.partition("[")[0]), version, hashes),),
    )
