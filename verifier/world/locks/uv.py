"""The format of uv.lock, and of the lock files that uv writes beside scripts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from verifier.distributions import DistributionFile, Locked
from verifier.world.addresses import without_credentials
from verifier.world.locks import lock
from verifier.world.locks.lock import BrokenLockError, Lock

_NEWEST = 1


class _Source(msgspec.Struct, frozen=True):
    registry: str = ""
    git: str = ""
    url: str = ""
    path: str = ""
    directory: str = ""
    editable: str = ""
    virtual: str = ""
    subdirectory: str = ""


class _File(msgspec.Struct, frozen=True, rename="kebab"):
    url: str = ""
    path: str = ""
    filename: str = ""
    hash: str = ""
    size: int | None = None
    upload_time: str | None = None


class _Package(msgspec.Struct, frozen=True, rename="kebab"):
    name: str
    source: _Source
    version: str = ""
    resolution_markers: tuple[str, ...] = ()
    sdist: _File | None = None
    wheels: tuple[_File, ...] = ()


class _Document(msgspec.Struct, frozen=True, rename="kebab"):
    version: int
    requires_python: str = ""
    package: tuple[_Package, ...] = ()


def read(where: lock.Where, text: str, data: dict[str, Any]) -> Lock:
    """Return what a uv.lock says; raises BrokenLockError where its version or its form is not known."""
    if isinstance(data.get("version"), int) and data["version"] > _NEWEST:
        raise BrokenLockError(f"its format is version {data['version']}, and {_NEWEST} is the newest known one")
    if "distribution" in data:
        raise BrokenLockError("a preview version of uv wrote it; `uv lock` writes it anew")
    document = msgspec.convert(data, _Document)
    lines = lock.entry_lines(text, len(document.package))
    packages = (_locked(where, each, line) for each, line in zip(document.package, lines, strict=True))
    requires = lock.specifiers_or_none(document.requires_python)
    return Lock(where.file, where.origin, requires, lock.distinct(packages), complete=True)


def _locked(where: lock.Where, package: _Package, line: int) -> Locked:
    return Locked(
        name=lock.named(package.name),
        version=lock.version_or_none(package.version),
        origin=where.origin,
        line=line,
        files=tuple(_files(where, package)),
        index=where.address(package.source.registry) if package.source.registry else "",
        marker=lock.either(package.resolution_markers),
        local=_local(where, package.source),
    )


def _local(where: lock.Where, source: _Source) -> str:
    if source.git:
        return f"git+{without_credentials(source.git)[0]}"
    folder = source.editable or source.directory or source.virtual
    return where.folder(folder) if folder else ""


def _files(where: lock.Where, package: _Package) -> Iterator[DistributionFile]:
    source = package.source
    if source.git or source.editable or source.directory or source.virtual:
        return
    for file in (*((package.sdist,) if package.sdist else ()), *package.wheels):
        # A file that is itself the source is named only there; one in a folder of files is relative to that folder.
        text = file.url or (f"{source.registry}/{file.path}" if file.path else source.url or source.path)
        yield DistributionFile(
            name=file.filename or lock.last_segment(text),
            url=where.address(text) if text else "",
            version=package.version,
            hashes=(file.hash.lower(),) if file.hash else (),
            size=file.size,
            uploaded=file.upload_time,
        )
