"""What one place says about package indexes, and how it writes their addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from verifier.distributions import Index
from verifier.world.addresses import without_credentials

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
_NAMED = re.compile(r"([A-Za-z0-9._-]+)=(.+)")
_ODD = re.compile(r"[^A-Z0-9]")


@dataclass(frozen=True, slots=True)
class Settings:
    """Indexes as one tool's files and variables give them; what they leave open is empty."""

    default: Index | None = None
    """Stands in place of the public index."""
    extra: tuple[Index, ...] = ()
    flat: tuple[Index, ...] = ()
    """Find-links: pages and folders of files."""
    no_index: bool = False
    certificates: str | None = None


@dataclass(slots=True)
class Gathered:
    """What has been read of one tool's settings so far, weakest first."""

    default: Index | None = None
    extra: list[Index] = field(default_factory=list)
    flat: list[Index] = field(default_factory=list)
    no_index: bool = False
    certificates: str | None = None

    def settings(self) -> Settings:
        """Return what was gathered as a value."""
        return Settings(self.default, tuple(self.extra), tuple(self.flat), self.no_index, self.certificates)


def index(address: str, base: Path, *, name: str = "", flat: bool = False) -> Index | None:
    """Return the index at an address or a path relative to base, its credentials apart; None for an empty text."""
    address = address.strip()
    if not address:
        return None
    if not _SCHEME.match(address) or re.match(r"[A-Za-z]:[\\/]", address):
        address = (base / Path(address).expanduser()).absolute().as_uri()
    url, user, password = without_credentials(address)
    if not flat:
        # A page of links may well be one file; the address of an index is that of a folder.
        url = f"{re.split('[?#]', url)[0].rstrip('/')}/"
    return Index(url, find_links=flat, name=name, user=user, password=password)


def indexes(text: str, base: Path, *, flat: bool = False, commas: bool = False) -> Iterator[Index]:
    """Return the indexes in a list of addresses, each with `name=` before it or not, between spaces (or commas)."""
    for word in text.replace(",", " ").split() if commas else text.split():
        match = _NAMED.fullmatch(word)
        named = match is not None and "/" not in match[1] and ":" not in match[1]
        found = index(match[2], base, name=match[1], flat=flat) if match and named else index(word, base, flat=flat)
        if found is not None:
            yield found


def variable(name: str) -> str:
    """Return the name of an index as it appears in names of environment variables."""
    return _ODD.sub("_", name.upper())


def text_of(table: Mapping[str, object], key: str) -> str:
    """Return a text in a table of settings; empty where there is none or it is something else."""
    value = table.get(key)
    return value if isinstance(value, str) else ""


def tables_of(value: object) -> list[Mapping[str, object]]:
    """Return the tables in an array of tables, leaving out everything else."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def texts_of(value: object) -> list[str]:
    """Return the texts in an array, or the one text that stands in its place."""
    if isinstance(value, str):
        return [value]
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []
