"""What a distribution says about itself: name, version, what it requires, and which modules it brings."""

from __future__ import annotations

import re
from dataclasses import dataclass

from packaging.metadata import parse_email

from verifier.distributions import DistributionFile, Indexes
from verifier.world.archives import opening, store
from verifier.world.archives.model import Archive, UnreadableError
from verifier.world.archives.paths import distribution, information
from verifier.world.http import FetchError, fetch

_LIMIT = 5_000_000
_CODE = (".py", ".pyi", ".pyc", ".so", ".pyd")
_SECTION = re.compile(r"\[(?P<extra>[^:\]]*)(?::(?P<marker>[^\]]*))?\]")


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a distribution says of itself (core metadata), as far as it could be read."""

    name: str
    version: str
    requires: tuple[str, ...] = ()
    """PEP 508 requirements, those of extras with their marker."""
    requires_python: str = ""
    summary: str = ""
    classifiers: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    complete: bool = True
    """Whether `requires` is all; a source archive may leave it to its build."""


def metadata(indexes: Indexes, file: DistributionFile, *, end: float) -> Metadata:
    """Return what the distribution in that file says of itself; raises UnreadableError.

    The file beside the archive (PEP 658) is read where the archive itself was not opened yet.
    """
    folder = information(file.name, file.version)
    if file.metadata and not opening.was_opened(indexes, file):
        text = _beside(indexes, file, f"{folder}/METADATA", end)
        if text is not None:
            return _parsed(file, text, "", complete=True)
    archive = opening.load(indexes, file, end=end)
    place = next((name for name in archive.members if _is_metadata(name, file)), f"{folder}/METADATA")
    beside = place.replace("METADATA", "requires.txt")
    texts = opening.read(archive, [place, beside], end=end)
    if place not in texts:
        raise UnreadableError(f"{file.name} has no metadata that can be read", lasting=True)
    requires = texts.get(beside, b"").decode("utf-8", errors="replace")
    return _parsed(file, texts[place], requires, complete=archive.complete or beside in texts)


def top_levels(archive: Archive) -> frozenset[str]:
    """Return the names that the distribution makes importable at the top, namespace packages included."""
    found = set()
    for path in archive.members:
        top, inner, _ = path.partition("/")
        name = top if inner else top.partition(".")[0]
        if name.isidentifier() and path.endswith(_CODE):
            found.add(name)
    return frozenset(found)


def _is_metadata(name: str, file: DistributionFile) -> bool:
    """Whether a member is the distribution's own METADATA; vendored ones lie deeper, or carry other names."""
    folder, _, last = name.partition("/")
    own = folder.removesuffix(".dist-info").partition("-")[0]
    return (
        last == "METADATA"
        and folder.endswith(".dist-info")
        and (distribution(f"{own}-0.whl", "0") == distribution(file.name, file.version))
    )


def _beside(indexes: Indexes, file: DistributionFile, place: str, end: float) -> bytes | None:
    """Return the METADATA that lies beside the archive; None where the archive has to be asked."""
    key = opening.identity(file)
    if kept := store.texts(indexes.cache, key, [place]):
        return kept[place]
    try:
        reply = fetch(indexes, f"{file.url}.metadata", most_bytes=_LIMIT, end=end)
    except FetchError:
        return None  # the archive says why, unless it can be read
    if reply.status != 200 or b"Metadata-Version:" not in reply.body[:_LIMIT]:
        return None
    store.keep(indexes.cache, key, {place: reply.body})
    return reply.body


def _parsed(file: DistributionFile, text: bytes, requires: str, *, complete: bool) -> Metadata:
    raw, _ = parse_email(text)
    dynamic = {name.lower() for name in raw.get("dynamic", ())}
    said = tuple(raw.get("requires_dist", ())) or tuple(_requirements(requires))
    newer = _version_of(raw.get("metadata_version", "")) >= (2, 2) and "requires-dist" not in dynamic
    return Metadata(
        name=raw.get("name", "") or distribution(file.name, file.version),
        version=raw.get("version", "") or file.version,
        requires=said,
        requires_python=raw.get("requires_python", ""),
        summary=raw.get("summary", ""),
        classifiers=tuple(raw.get("classifiers", ())),
        extras=tuple(raw.get("provides_extra", ())),
        complete=complete or newer,
    )


def _version_of(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".") if part.isdecimal())


def _requirements(text: str) -> list[str]:
    """Return what setuptools wrote to requires.txt as PEP 508 requirements: a section is an extra, a marker or both."""
    found = []
    marker = ""
    for line in map(str.strip, text.splitlines()):
        if match := _SECTION.fullmatch(line):
            extra = f'extra == "{match["extra"]}"' if match["extra"] else ""
            condition = f"({match['marker']})" if match["marker"] else ""
            marker = " and ".join(each for each in (condition, extra) if each)
        elif line:
            found.append(f"{line} ; {marker}" if marker else line)
    return found
