"""Source archives: read from beginning to end, neither unpacked to disk nor built, and what of them gets installed."""

from __future__ import annotations

import bz2
import gzip
import lzma
import tarfile
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import IO, Protocol
from zipfile import ZipFile

from verifier.distributions import DistributionFile
from verifier.world.archives import roots, zips
from verifier.world.archives.model import Listing, Member, UnreadableError
from verifier.world.archives.paths import information, keepable, safe

_MOST_UNPACKED = 1_500_000_000
"""The largest source archives that people publish unpack to some hundred MB."""
_LARGEST_READ = 32_000_000
"""No header of a tar file, and no member that is kept, needs more at once."""
_STEP = 1 << 20
_MOST_MEMBERS = 200_000
_READ_NAMES = frozenset({"PKG-INFO", "top_level.txt", "requires.txt"})
_BROKEN = (*zips.BROKEN, tarfile.TarError, lzma.LZMAError)


class _Bytes(Protocol):
    def read(self, size: int, /) -> bytes: ...


class _Unpacking:
    """The bytes that a compressed file unpacks to, forwards only, so that no more is unpacked than is worth it."""

    def __init__(self, source: _Bytes, name: str, end: float) -> None:
        self.source = source
        self.name = name
        self.end = end
        self.position = 0

    def tell(self) -> int:
        return self.position

    def seek(self, position: int) -> int:
        while self.position < position:
            if not self.read(min(_STEP, position - self.position)):
                break
        return self.position

    def read(self, size: int) -> bytes:
        if size < 0 or size > _LARGEST_READ or self.position + size > _MOST_UNPACKED:
            raise UnreadableError(f"{self.name} unpacks to more than is read", lasting=True)
        if time.monotonic() > self.end:
            raise UnreadableError(f"{self.name} could not be unpacked in time")
        data = self.source.read(size)
        self.position += len(data)
        return data


def read(source: IO[bytes], file: DistributionFile, *, end: float) -> tuple[Listing, dict[str, bytes]]:
    """List a source archive as its build would most likely install it, with the contents of its Python files.

    Raises UnreadableError.
    """
    try:
        return _listed(file, *_collected(_members(source, file, end), file))
    except UnreadableError:
        raise
    except _BROKEN as error:
        why = f"{file.name} is no source archive that can be read ({type(error).__name__})"
        raise UnreadableError(why, lasting=True) from None


def _collected(
    members: Iterable[tuple[str, int, bytes | str | None]], file: DistributionFile
) -> tuple[dict[str, int], dict[str, bytes], dict[str, str]]:
    """Sizes of all members, contents of those that are read, and why others are not."""
    sizes: dict[str, int] = {}
    texts: dict[str, bytes] = {}
    refused: dict[str, str] = {}
    kept = 0
    for path, length, data in members:
        sizes[path] = length
        match data:
            case bytes():
                texts[path] = data
                kept += length
            case str():
                refused[path] = data
        if len(sizes) > _MOST_MEMBERS or kept > zips.LARGEST_WAVE:
            raise UnreadableError(f"{file.name} holds more than is read", lasting=True)
    return sizes, texts, refused


def _listed(
    file: DistributionFile, sizes: Mapping[str, int], texts: Mapping[str, bytes], refused: Mapping[str, str]
) -> tuple[Listing, dict[str, bytes]]:
    places = roots.importable(sizes, texts, information(file.name, file.version))
    kept = {place: texts[path] for path, place in places.items() if path in texts}
    members = {
        place: Member(place, sizes[path], zlib.crc32(texts[path]) if path in texts else 0, inside=path)
        for path, place in places.items()
    }
    why = {places[path]: text for path, text in refused.items() if path in places}
    return Listing(members, why, complete=False), kept


def _members(source: IO[bytes], file: DistributionFile, end: float) -> Iterator[tuple[str, int, bytes | str | None]]:
    """Path below the first folder, size, and contents of each file; in place of them why they are not read, or None."""
    start = source.read(6)
    source.seek(0)
    if start.startswith(b"PK"):
        return _of_zip(source, file)
    unpacker: _Bytes
    if start.startswith(b"\x1f\x8b"):
        unpacker = gzip.GzipFile(fileobj=source)
    elif start.startswith(b"BZh"):
        unpacker = bz2.BZ2File(source)
    elif start.startswith(b"\xfd7zXZ"):
        unpacker = lzma.LZMAFile(source)  # noqa: SIM115  # the file below it is closed by its owner
    else:
        unpacker = source
    return _of_tar(_Unpacking(unpacker, file.name, end))


def _of_tar(source: _Unpacking) -> Iterator[tuple[str, int, bytes | str | None]]:
    # "r:" and not "r|": it seeks, forwards only, and so never asks for more at once than one header or one member.
    with tarfile.open(fileobj=source, mode="r:") as archive:  # type: ignore[call-overload]  # it needs no more
        for member in archive:
            archive.members.clear()  # as it goes on it would keep a list of all
            path = _below(member.name)
            if path is None or not member.isreg():
                continue  # links are not followed: what they name is a member itself, or none of ours
            if not _wanted(path):
                yield path, member.size, None
            elif member.size > zips.LARGEST_MEMBER or member.issparse():
                yield path, member.size, f"is larger than {zips.LARGEST_MEMBER // 1_000_000} MB"
            else:
                opened = archive.extractfile(member)
                yield path, member.size, opened.read() if opened else None


def _of_zip(source: IO[bytes], file: DistributionFile) -> Iterator[tuple[str, int, bytes | str | None]]:
    with ZipFile(source) as archive:
        listing = zips.listing(archive, file, ranged=False, total=0)
        wanted = [each for each in listing.members.values() if _wanted(each.name) and each.name not in listing.refused]
        texts, refused = zips.unpacked(archive, wanted)
        refused |= listing.refused
        for member in listing.members.values():
            path = _below(member.name)
            if path is not None:
                yield path, member.size, texts.get(member.name, refused.get(member.name))


def _below(name: str) -> str | None:
    """Return a member's path below the one folder that a source archive has at its top."""
    name = name.removeprefix("./")
    rest = name.partition("/")[2]
    return rest if rest and safe(name) else None


def _wanted(path: str) -> bool:
    return keepable(path) or path.rpartition("/")[2] in _READ_NAMES
