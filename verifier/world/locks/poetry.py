"""The format of poetry.lock, in the versions 1.0 to 2.1 of its form."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
from packaging.specifiers import SpecifierSet

from verifier.distributions import DistributionFile, Locked
from verifier.world import poetry, pyproject
from verifier.world.addresses import without_credentials
from verifier.world.locks import lock
from verifier.world.locks.lock import BrokenLockError, Lock

_NEWEST = 2


class _File(msgspec.Struct, frozen=True):
    file: str
    hash: str = ""
    url: str = ""


class _Source(msgspec.Struct, frozen=True):
    type: str = ""
    url: str = ""
    resolved_reference: str = ""
    reference: str = ""


class _Package(msgspec.Struct, frozen=True, rename="kebab"):
    name: str
    version: str
    python_versions: str = "*"
    marker: str = ""
    markers: str | dict[str, str] = ""
    files: tuple[_File, ...] = ()
    source: _Source = _Source()
    dependencies: dict[str, Any] = {}


class _Metadata(msgspec.Struct, frozen=True, rename="kebab"):
    lock_version: str = "1.0"
    python_versions: str = "*"
    files: dict[str, tuple[_File, ...]] = {}
    hashes: dict[str, tuple[str, ...]] = {}


class _Document(msgspec.Struct, frozen=True):
    package: tuple[_Package, ...] = ()
    metadata: _Metadata = _Metadata()


def read(where: lock.Where, text: str, data: dict[str, Any]) -> Lock:
    """Return what a poetry.lock says; raises BrokenLockError where its version is not known."""
    document = msgspec.convert(data, _Document)
    major = document.metadata.lock_version.partition(".")[0]
    if not major.isdecimal() or int(major) > _NEWEST:
        raise BrokenLockError(
            f"its format is version {document.metadata.lock_version}, and 2.1 is the newest known one"
        )
    lines = lock.entry_lines(text, len(document.package))
    several = {name for name, count in Counter(lock.named(each.name) for each in document.package).items() if count > 1}
    choices = _choices(where, document, several)
    packages = (
        _locked(where, each, line, document.metadata, choices)
        for each, line in zip(document.package, lines, strict=True)
    )
    requires = poetry.specifier(document.metadata.python_versions)
    return Lock(where.file, where.origin, requires, lock.distinct(packages), complete=True)


def _locked(
    where: lock.Where,
    package: _Package,
    line: int,
    metadata: _Metadata,
    choices: Mapping[str, Sequence[tuple[str, str]]],
) -> Locked:
    name, source = lock.named(package.name), package.source
    marker = package.marker or (package.markers if isinstance(package.markers, str) else "")
    if isinstance(package.markers, dict):
        marker = lock.either(package.markers.values())
    if not marker and name in choices:
        marker = _condition(package.version, choices[name]) or poetry.marker({"python": package.python_versions})
    local = ""
    if source.type == "directory":
        local = where.folder(source.url)
    elif source.type not in {"", "legacy", "url", "file"}:
        reference = source.resolved_reference or source.reference
        local = f"{source.type}+{without_credentials(source.url)[0]}{f'#{reference}' if reference else ''}"
    return Locked(
        name=name,
        version=lock.version_or_none(package.version),
        origin=where.origin,
        line=line,
        files=() if local else tuple(_files(where, package, metadata)),
        index=where.address(source.url) if source.type == "legacy" else "",
        marker=marker,
        local=local,
    )


def _files(where: lock.Where, package: _Package, metadata: _Metadata) -> Iterator[DistributionFile]:
    requires = lock.specifiers_or_none(package.python_versions)
    files = package.files or _of(metadata.files, package.name)
    source = package.source.url if package.source.type in {"url", "file"} else ""
    if source and not files:
        files = (_File(lock.last_segment(source)),)
    for each in files:
        same = source and (len(files) == 1 or lock.last_segment(source) == each.file)
        url = each.url or (source if same else "")
        yield DistributionFile(
            name=each.file,
            url=where.address(url) if url else "",
            version=package.version,
            hashes=(each.hash.lower(),) if each.hash else (),
            requires_python=requires,
        )
    if not files:
        for digest in _of(metadata.hashes, package.name):
            yield DistributionFile("", "", package.version, (f"sha256:{digest.lower()}",), requires_python=requires)


def _of(table: Mapping[str, tuple[Any, ...]], name: str) -> tuple[Any, ...]:
    return table.get(name) or next((found for key, found in table.items() if lock.named(key) == lock.named(name)), ())


def _choices(where: lock.Where, document: _Document, several: set[str]) -> dict[str, list[tuple[str, str]]]:
    """Return the requirements (specifier and marker) that give one of several locked versions to each Python.

    Before version 2.1 a lock file says only so which of its versions of a distribution is meant where.
    """
    found: dict[str, list[tuple[str, str]]] = {name: [] for name in several}
    tool = pyproject.at(pyproject.load(where.file.parent), "tool", "poetry") if several else None
    groups = pyproject.at(tool, "group")
    tables = [pyproject.at(tool, "dependencies"), pyproject.at(tool, "dev-dependencies")]
    tables += [pyproject.at(each, "dependencies") for each in (groups.values() if isinstance(groups, dict) else ())]
    tables += [each.dependencies for each in document.package] if several else []
    for table in tables:
        for name, value in table.items() if isinstance(table, dict) else ():
            if isinstance(value, list) and lock.named(name) in several:
                found[lock.named(name)] += [(poetry.specifier(each), poetry.marker(each)) for each in value]
    return found


def _condition(version: str, choices: Sequence[tuple[str, str]]) -> str:
    """Return the marker under which the requirements choose that version; empty where they do not say."""
    if not lock.version_or_none(version):
        return ""
    return lock.either(marker for wanted, marker in choices if SpecifierSet(wanted).contains(version, prereleases=True))
