"""What package indexes and lock files say of distributions: their files, their releases, and who may be asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class DistributionFile:
    """One file of a distribution (a wheel or a source archive) as an index or a lock file names it."""

    name: str
    """The file name, such as `requests-2.32.0-py3-none-any.whl`."""
    url: str
    """Where it lies (`https:`, `http:` or `file:`), without credentials."""
    version: str
    """As the file name spells it; compare with `packaging.version.Version`."""
    hashes: tuple[str, ...] = ()
    """Such as `sha256:9f86d0…`, lower case."""
    size: int | None = None
    """In bytes."""
    requires_python: str = ""
    yanked: str | None = None
    """The reason, which may be empty; None: not yanked (PEP 592)."""
    uploaded: str | None = None
    """ISO 8601 in UTC (PEP 700); None where the index does not say."""
    metadata: bool = False
    """Whether its METADATA lies beside it under the same address with `.metadata` (PEP 658)."""


@dataclass(frozen=True, slots=True)
class Releases:
    """What an index has of one distribution."""

    name: str
    """Normalised (PEP 503)."""
    index: str
    """Which index said so: its address without credentials."""
    files: tuple[DistributionFile, ...] = ()
    status: str = "active"
    """`active`, `archived`, `quarantined` or `deprecated` (PEP 792)."""
    reason: str = ""
    """Why it has that status."""
    age: float = 0.0
    """Seconds since the index said so."""
    incomplete: str = ""
    """Why another index, which may have more files, did not answer; empty: every index that may be asked did."""


@dataclass(frozen=True, slots=True)
class Index:
    """One package index (or folder of files) as configured."""

    url: str
    """Without credentials: `https://host/simple/`, `file:///folder/simple/`, or for find-links any page or folder."""
    find_links: bool = False
    """Whether it is one flat list of files and not a folder per project."""
    name: str = ""
    """As [[tool.uv.index]] calls it."""
    public: bool = False
    """Whether it is the default public index, which private names are never sent to."""
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    names: tuple[str, ...] = ()
    """Only these distributions are asked of it, where there are any (uv's and Poetry's `explicit`)."""
    ignored: tuple[int, ...] = ()
    """Statuses by which it says that it lacks a distribution, besides 404 (uv's `ignore-error-codes`)."""


@dataclass(frozen=True, slots=True)
class Indexes:
    """All indexes that may be asked, in order, and how."""

    indexes: tuple[Index, ...] = ()
    private: tuple[str, ...] = ()
    """Patterns (`acme-*`, of normalised names) that are never sent to a public index."""
    offline: bool = False
    cache: Path | None = None
    """The folder of the caches; None: neither read nor write any."""
    certificates: str | None = None
    """A file of certificate authorities to trust in place of the default ones (pip's `cert`)."""
    most_bytes: int = 200_000_000
    """The largest file that is downloaded whole."""
    seconds: float = 20.0
    """How long one batch of questions may take."""


@dataclass(frozen=True, slots=True)
class Locked:
    """One distribution at the version that a lock file (or a pinned requirement) chose."""

    name: str
    """Normalised."""
    version: str
    origin: str
    """The file that says so, relative to the project's root, such as `uv.lock`."""
    line: int = 0
    """1-based; 0 where the line is not known."""
    files: tuple[DistributionFile, ...] = ()
    """As far as the lock file names them; without address (empty `url`) where it gives only names and hashes."""
    index: str = ""
    """The address of the index that it was taken from; empty where the lock file does not say."""
    marker: str = ""
    """Holds where it is installed (PEP 508); empty: everywhere."""
    local: str = ""
    """The folder (relative to the root) or the version-control address that it comes from, in place of an index."""
