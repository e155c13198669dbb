"""The format of pdm.lock, in the versions 2 to 4.5 of its form."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from verifier.distributions import DistributionFile, Locked
from verifier.world.addresses import without_credentials
from verifier.world.locks import lock
from verifier.world.locks.lock import BrokenLockError, Lock

_NEWEST = 4
_SYSTEMS = ("git", "hg", "svn", "bzr")


class _File(msgspec.Struct, frozen=True):
    file: str = ""
    url: str = ""
    hash: str = ""


class _Package(msgspec.Struct, frozen=True):
    name: str
    version: str = ""
    requires_python: str = ""
    marker: str = ""
    files: tuple[_File, ...] = ()
    path: str = ""
    url: str = ""
    git: str = ""
    hg: str = ""
    svn: str = ""
    bzr: str = ""
    revision: str = ""
    ref: str = ""


class _Target(msgspec.Struct, frozen=True):
    requires_python: str = ""


class _Metadata(msgspec.Struct, frozen=True):
    lock_version: str = "2"
    targets: tuple[_Target, ...] = ()
    files: dict[str, tuple[_File, ...]] = {}


class _Document(msgspec.Struct, frozen=True):
    package: tuple[_Package, ...] = ()
    metadata: _Metadata = _Metadata()


def read(where: lock.Where, text: str, data: dict[str, Any]) -> Lock:
    """Return what a pdm.lock says; raises BrokenLockError where its version is not known."""
    document = msgspec.convert(data, _Document)
    metadata = document.metadata
    major = metadata.lock_version.partition(".")[0]
    if not major.isdecimal() or int(major) > _NEWEST:
        raise BrokenLockError(f"its format is version {metadata.lock_version}, and 4.5 is the newest known one")
    lines = lock.entry_lines(text, len(document.package))
    packages = (_locked(where, each, line, metadata) for each, line in zip(document.package, lines, strict=True))
    requires = {lock.specifiers_or_none(each.requires_python) for each in metadata.targets}
    only = requires.pop() if len(requires) == 1 else ""
    return Lock(where.file, where.origin, only, lock.distinct(packages), complete=True)


def _locked(where: lock.Where, package: _Package, line: int, metadata: _Metadata) -> Locked:
    local = ""
    for system in _SYSTEMS:
        if address := getattr(package, system):
            reference = package.revision or package.ref
            local = f"{system}+{without_credentials(address)[0]}{f'#{reference}' if reference else ''}"
    name = lock.last_segment(package.path)
    if package.path and not name.endswith((".whl", ".zip", ".gz", ".bz2", ".tgz")):
        local = where.folder(package.path)
    return Locked(
        name=lock.named(package.name),
        version=lock.version_or_none(package.version),
        origin=where.origin,
        line=line,
        files=() if local else tuple(_files(where, package, metadata)),
        marker=package.marker,
        local=local,
    )


def _files(where: lock.Where, package: _Package, metadata: _Metadata) -> Iterator[DistributionFile]:
    source = package.url or package.path
    for each in package.files or metadata.files.get(f"{package.name} {package.version}", ()) or (_File(),):
        url = each.url or source
        if each != _File() or url:
            yield DistributionFile(
                name=each.file or lock.last_segment(url),
                url=where.address(url) if url else "",
                version=package.version,
                hashes=(each.hash.lower(),) if each.hash else (),
                requires_python=lock.specifiers_or_none(package.requires_python),
            )
