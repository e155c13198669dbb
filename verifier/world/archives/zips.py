"""Wheels, eggs and other zip archives: what their central directory lists, and members checked as they are unpacked."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable
from typing import IO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from verifier.distributions import DistributionFile
from verifier.world.archives.model import Listing, Member, UnreadableError
from verifier.world.archives.paths import information, installed, keepable, safe
from verifier.world.archives.sparse import GapError, Sparse

LARGEST_MEMBER = 20_000_000
LARGEST_WAVE = 400_000_000
"""So many bytes are unpacked at once, at most."""
_MOST_MEMBERS = 200_000
_LONGEST_HEADER = 4 * 65_536
"""A local header: a name and extra fields of at most 64 KiB each, and a descriptor after the data."""
_ENCRYPTED = 0x1
BROKEN = (BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError)
"""What zipfile raises for archives that are none, broken or beyond it."""


def opened(source: Sparse | IO[bytes], file: DistributionFile) -> ZipFile:
    """Read the central directory; raises GapError where parts of it are not known, UnreadableError for a broken one."""
    try:
        return ZipFile(source)
    except BROKEN as error:
        raise UnreadableError(f"{file.name} is no zip archive that can be read ({error})", lasting=True) from None


def listing(archive: ZipFile, file: DistributionFile, *, ranged: bool, total: int) -> Listing:
    """What an opened wheel or egg installs; members that no installer would write where they say are left out."""
    infos = [info for info in archive.infolist() if not info.is_dir()]
    if len(infos) > _MOST_MEMBERS:
        raise UnreadableError(f"{file.name} has more than {_MOST_MEMBERS} members", lasting=True)
    folder = information(file.name, file.version)
    ends = _ends(infos, archive.start_dir)
    members: dict[str, Member] = {}
    refused: dict[str, str] = {}
    for info in infos:
        name = installed(info.filename, folder) if safe(info.orig_filename) else None
        if name is None or not safe(name):
            continue
        if name in members and not _same(members[name], info):
            refused[name] = "stands in the archive more than once"
        end = min(ends[info.header_offset], info.header_offset + info.compress_size + _LONGEST_HEADER)
        members[name] = Member(
            name, info.file_size, info.CRC, info.compress_size, info.header_offset, end, info.filename
        )
        why = _why_not(info, end) if keepable(name) else None
        if why:
            refused.setdefault(name, why)
    return Listing(members, refused, complete=True, ranged=ranged, total=total)


def unpacked(archive: ZipFile, members: Iterable[Member]) -> tuple[dict[str, bytes], dict[str, str]]:
    """Contents of the members whose size and checksum are right, and why each of the others cannot be read."""
    texts: dict[str, bytes] = {}
    refused: dict[str, str] = {}
    size = 0
    for member in members:
        size += member.size
        if size > LARGEST_WAVE:
            refused[member.name] = "too much would have to be unpacked"
            continue
        try:
            texts[member.name] = _contents(archive, member)
        except GapError:
            refused[member.name] = "lies elsewhere than the archive says"
        except BROKEN as error:
            refused[member.name] = f"is broken ({error})"
    return texts, refused


def _contents(archive: ZipFile, member: Member) -> bytes:
    with archive.open(member.inside) as opened_member:
        data = opened_member.read(member.size + 1)
    if len(data) != member.size:
        raise BadZipFile(f"{len(data)} bytes in place of {member.size}")
    return data


def _same(member: Member, info: ZipInfo) -> bool:
    return (member.size, member.crc) == (info.file_size, info.CRC)


def _ends(infos: list[ZipInfo], directory: int) -> dict[int, int]:
    """Where the bytes of each member end at the latest: where the next begins, or the central directory."""
    offsets = sorted({info.header_offset for info in infos})
    return dict(zip(offsets, [*offsets[1:], directory], strict=True))


def _why_not(info: ZipInfo, end: int) -> str | None:
    """Why a member is never unpacked."""
    if info.flag_bits & _ENCRYPTED:
        return "is encrypted"
    if info.compress_type not in {ZIP_STORED, ZIP_DEFLATED}:
        # The unpackers of the others have no limit on what one step gives.
        return "is packed in a way that is not read"
    if info.file_size > LARGEST_MEMBER:
        return f"is larger than {LARGEST_MEMBER // 1_000_000} MB"
    if info.header_offset + info.compress_size > end:
        return "overlaps another member"
    return None
