"""What is known of one wheel or source archive: its members, where each lies, and what was found to be unreadable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from verifier.distributions import DistributionFile, Indexes


class UnreadableError(OSError):
    """Why an archive could not be read, in words for people; `lasting` where asking again would give the same."""

    def __init__(self, text: str, *, lasting: bool = False) -> None:
        super().__init__(text)
        self.lasting = lasting


@dataclass(frozen=True, slots=True)
class Member:
    """One file in an archive."""

    name: str
    """Its path below site-packages once installed."""
    size: int
    """In bytes, unpacked, as the archive says."""
    crc: int
    """The CRC-32 of its contents; 0 for a member of a source archive that is known by name only."""
    packed: int = 0
    """In bytes, as it lies in the archive; 0 in a tar file, where that cannot be said."""
    offset: int = 0
    """Where it begins in the archive, its local header included."""
    end: int = 0
    """Where the next one begins; only what lies between is ever fetched."""
    inside: str = ""
    """Its path in the archive."""


@dataclass(frozen=True, slots=True)
class Listing:
    """The members of an archive and what they say about what is not there."""

    members: Mapping[str, Member]
    """By path below site-packages."""
    refused: dict[str, str] = field(default_factory=dict)
    """Why some of the members are never read; grows when one turns out to be broken."""
    complete: bool = True
    """Whether nothing else gets installed; false for a source archive, whose build may add and leave out modules."""
    ranged: bool = False
    """Whether members can be fetched one by one; if not, all that are ever read were kept when it was opened."""
    total: int = 0
    """The size of the archive in bytes."""


@dataclass(frozen=True, slots=True, eq=False)
class Archive:
    """An opened wheel, egg or source archive, whose members can be read."""

    key: str
    """The same for the same contents: a digest of them where the index gives one, else of the address."""
    file: DistributionFile
    indexes: Indexes = field(repr=False)
    listing: Listing = field(repr=False)

    @property
    def members(self) -> Mapping[str, Member]:
        """All files that get installed below site-packages, by path, compiled ones and data included."""
        return self.listing.members

    @property
    def complete(self) -> bool:
        """Whether a file that is not among the members does not get installed either."""
        return self.listing.complete


@dataclass(frozen=True, slots=True)
class Part:
    """Some bytes of a file and where they begin."""

    start: int
    data: bytes

    @property
    def end(self) -> int:
        """Where they end, exclusive."""
        return self.start + len(self.data)
