"""The format of Pipfile.lock."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from verifier.distributions import DistributionFile, Locked
from verifier.world.addresses import without_credentials
from verifier.world.locks import lock
from verifier.world.locks.lock import BrokenLockError, Lock

_NEWEST = 6
_ENTRY = re.compile(r'\s{8}"([^"\\]+)": \{')
_SYSTEMS = ("git", "hg", "svn", "bzr")


class _Package(msgspec.Struct, frozen=True):
    version: str = ""
    hashes: tuple[str, ...] = ()
    markers: str = ""
    index: str = ""
    path: str = ""
    file: str = ""
    git: str = ""
    hg: str = ""
    svn: str = ""
    bzr: str = ""
    ref: str = ""


class _Index(msgspec.Struct, frozen=True):
    name: str = ""
    url: str = ""


class _Meta(msgspec.Struct, frozen=True, rename="kebab"):
    pipfile_spec: int = _NEWEST
    requires: dict[str, str] = {}
    sources: tuple[_Index, ...] = ()


def read(where: lock.Where, text: str, data: dict[str, Any]) -> Lock:
    """Return what a Pipfile.lock says; raises BrokenLockError where its version is not known."""
    meta = msgspec.convert(data.get("_meta", {}), _Meta)
    if meta.pipfile_spec > _NEWEST:
        raise BrokenLockError(f"its format is version {meta.pipfile_spec}, and {_NEWEST} is the newest known one")
    indexes = {each.name: where.address(each.url) for each in meta.sources}
    lines = _lines(text)
    sections = [
        msgspec.convert(section, dict[str, _Package]) for name, section in data.items() if not name.startswith("_")
    ]
    packages = lock.distinct(
        _locked(where, name, package, lines.get(name, 0), indexes)
        for section in sections
        for name, package in section.items()
    )
    python = meta.requires.get("python_version", "")
    requires = lock.specifiers_or_none(f"=={python}.*") if python else ""
    # pipenv writes `"version": "*"` for what it did not resolve: no version, so nothing is known of that one.
    known = tuple(each for each in packages if each.version or each.local or each.files)
    return Lock(where.file, where.origin, requires, known, complete=len(known) == len(packages))


def _locked(where: lock.Where, name: str, package: _Package, line: int, indexes: dict[str, str]) -> Locked:
    version = lock.version_or_none(package.version.removeprefix("==").removeprefix("="))
    local = where.folder(package.path) if package.path else ""
    for system in _SYSTEMS:
        if address := getattr(package, system):
            local = f"{system}+{without_credentials(address)[0]}{f'#{package.ref}' if package.ref else ''}"
    return Locked(
        name=lock.named(name),
        version=version,
        origin=where.origin,
        line=line,
        files=() if local else tuple(_files(where, package, version)),
        index=indexes.get(package.index, ""),
        marker=package.markers,
        local=local,
    )


def _files(where: lock.Where, package: _Package, version: str) -> Iterator[DistributionFile]:
    hashes = tuple(each.lower() for each in package.hashes)
    if package.file:
        yield DistributionFile(lock.last_segment(package.file), where.address(package.file), version, hashes[:1])
    else:
        yield from (DistributionFile("", "", version, (each,)) for each in hashes)


def _lines(text: str) -> dict[str, int]:
    """Return the first line of each package, in the form in which pipenv writes the file."""
    found: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if match := _ENTRY.fullmatch(line.rstrip("\r")):
            found.setdefault(match[1], number)
    return found
