"""The format of pylock.toml (PEP 751), read through `packaging.pylock`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from packaging import pylock
from packaging.pylock import Package, PackageArchive, PackageSdist, PackageVcs, PackageWheel, Pylock

from verifier.distributions import DistributionFile, Locked
from verifier.world.addresses import without_credentials
from verifier.world.locks import lock
from verifier.world.locks.lock import BrokenLockError, Lock


def read(where: lock.Where, text: str, data: dict[str, Any]) -> Lock:
    """Return what a pylock.toml says; raises BrokenLockError where its version or its form is not known."""
    try:
        document = Pylock.from_dict(data)
    except (pylock.PylockValidationError, pylock.PylockUnsupportedVersionError) as error:
        raise BrokenLockError(str(error)) from error
    lines = lock.entry_lines(text, len(document.packages))
    packages = (_locked(where, each, line) for each, line in zip(document.packages, lines, strict=True))
    requires = str(document.requires_python or "")
    return Lock(where.file, where.origin, requires, lock.distinct(packages), complete=True)


def _locked(where: lock.Where, package: Package, line: int) -> Locked:
    files = tuple(_files(where, package))
    local = ""
    if package.directory is not None:
        local = where.folder(package.directory.path)
    elif package.vcs is not None:
        local = _repository(where, package.vcs)
    return Locked(
        name=str(package.name),
        version=str(package.version or next((file.version for file in files if file.version), "")),
        origin=where.origin,
        line=line,
        files=files,
        index=without_credentials(package.index)[0] if package.index else "",
        marker=str(package.marker or ""),
        local=local,
    )


def _repository(where: lock.Where, vcs: PackageVcs) -> str:
    address = without_credentials(vcs.url)[0] if vcs.url else where.folder(vcs.path or "")
    return f"{vcs.type}+{address}#{vcs.commit_id}"


def _files(where: lock.Where, package: Package) -> Iterator[DistributionFile]:
    found: list[PackageWheel | PackageSdist | PackageArchive] = [*(package.wheels or ())]
    found += [each for each in (package.sdist, package.archive) if each is not None]
    for each in found:
        text = each.url or each.path or ""
        name = (None if isinstance(each, PackageArchive) else each.name) or lock.last_segment(text)
        yield DistributionFile(
            name=name,
            url=where.address(text) if text else "",
            version=str(package.version or lock.name_and_version(name)[1]),
            hashes=tuple(f"{algorithm}:{digest}".lower() for algorithm, digest in each.hashes.items()),
            size=each.size,
            requires_python=str(package.requires_python or ""),
            uploaded=each.upload_time.isoformat() if each.upload_time else None,
        )
