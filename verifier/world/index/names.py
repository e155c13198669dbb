"""Full lists of the names that indexes have, kept for offline runs: sorted, in compressed blocks."""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import unquote

import msgspec
from packaging.utils import InvalidName, canonicalize_name

from verifier.distributions import Index, Indexes
from verifier.world import store
from verifier.world.addresses import shown
from verifier.world.file_urls import path_of
from verifier.world.http import FetchError, stream
from verifier.world.index.asking import Question, Told, ask, key
from verifier.world.index.pages import ACCEPTED, NoPageError, is_json

_BLOCK = 4000
_MOST_BYTES = 500_000_000
_SECONDS = 300.0
_PUBLIC_COUNT = 100_000
"""A list of a public index with fewer names is not whole; the default one had ten times as many in 2026."""
_LEAST_SHARE = 0.5
"""A list with less than this share of the names of the one before is not whole."""
_PROBES = ("pip", "requests", "numpy")
"""Distributions that an index passes on if it passes on those of the public one."""


@dataclass(frozen=True, slots=True)
class Known:
    """Whether a list has a name, and how many seconds old it is."""

    exists: bool
    age: float


class _Project(msgspec.Struct):
    name: str


class _Root(msgspec.Struct):
    projects: list[_Project]


class _Names(HTMLParser):
    """The names that the links of an index's first page lead to, while it arrives."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.ended = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take the name out of a link."""
        if tag == "a" and (href := dict(attrs).get("href")):
            last = unquote(href.partition("#")[0].partition("?")[0].rstrip("/").rpartition("/")[2])
            self.names |= set(_normalised([last]))

    def handle_endtag(self, tag: str) -> None:
        """Notice the end of the page."""
        self.ended = self.ended or tag == "html"


def update(indexes: Indexes) -> list[str]:
    """Store the full list of names of each index for offline runs, and return a line about each; nothing is raised."""
    lines = []
    for index in indexes.indexes:
        if index.find_links or path_of(index.url) is not None:
            lines.append(f"{shown(index.url)}: needs no list, since it lies in files or is one list of them")
        elif indexes.cache is None:
            lines.append(f"{shown(index.url)}: not stored, because the caches are switched off")
        else:
            lines.append(f"{shown(index.url)}: {_updated(indexes, index)}")
    return lines


def known(indexes: Indexes, index: Index, name: str) -> Known | None:
    """Whether the stored list of an index has a name (normalised), None where there is no list."""
    listed = store.name_list(indexes.cache, key(index))
    if listed is None:
        return None
    block = store.names_around(indexes.cache, key(index), name)
    try:
        there = block is not None and name.encode() in zlib.decompress(block).split(b"\n")
    except zlib.error:
        return None
    return Known(there, max(time.time() - listed.at, 0.0))


def _updated(indexes: Indexes, index: Index) -> str:
    end = time.monotonic() + _SECONDS
    try:
        names = _downloaded(indexes, index, end)
    except (FetchError, NoPageError) as error:
        return f"not stored: {error}"
    if why := _incomplete(indexes, index, names, end):
        return f"not stored: {why}"
    size = store.keep_names(indexes.cache, key(index), len(names), list(_blocks(sorted(names))))
    if size is None:
        return "not stored: the cache cannot be written"
    return f"{len(names):,} names stored ({size / 1e6:.1f} MB)"


def _downloaded(indexes: Indexes, index: Index, end: float) -> set[str]:
    """Return the normalised names on the index's first page; HTML is read while it arrives."""
    headers = {"Accept": ACCEPTED, "Accept-Encoding": "gzip, deflate"}
    with stream(indexes, index.url, headers=headers, end=end) as answer:
        if answer.status != 200:
            raise NoPageError(f"{shown(index.url)} answered {answer.status}")
        if is_json(answer.headers.get("content-type") or ""):
            body = bytearray()
            for chunk in answer.chunks:
                body += chunk
                if len(body) > _MOST_BYTES:
                    raise NoPageError("its list is too large")
            try:
                return set(_normalised(each.name for each in msgspec.json.decode(body, type=_Root).projects))
            except (msgspec.MsgspecError, UnicodeDecodeError):
                raise NoPageError("what it answered is no list of names") from None
        reader = _Names()
        rest, received = b"", 0
        for chunk in answer.chunks:
            received += len(chunk)
            if received > _MOST_BYTES:
                raise NoPageError("its list is too large")
            # Cut after a tag, so that no character falls apart.
            data, mark, rest = (rest + chunk).rpartition(b">")
            reader.feed((data + mark).decode("utf-8", errors="replace"))
        reader.close()
        if not answer.whole and not reader.ended:
            raise NoPageError("its list broke off")
        return reader.names


def _normalised(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        try:
            yield canonicalize_name(name, validate=True)
        except InvalidName:
            continue


def _incomplete(indexes: Indexes, index: Index, names: set[str], end: float) -> str:
    """Return why a list may not stand for all that the index has; empty where it may.

    Some servers list only what they have passed on before, or nothing at all.
    """
    if not names or (index.public and len(names) < _PUBLIC_COUNT):
        return f"a list of {len(names)} names is not whole"
    before = store.name_list(indexes.cache, key(index))
    if before is not None and len(names) < before.count * _LEAST_SHARE:
        return f"a list of {len(names)} names is not whole, since an earlier one had {before.count}"
    if missing := next((each for each in store.found_names(indexes.cache, key(index)) if each not in names), None):
        return f"its list lacks {missing}, which it has"
    if len(names) >= _PUBLIC_COUNT:
        return ""
    for probe in _PROBES:
        match ask(indexes, Question(index, probe), end):
            case Told(None):
                continue
            case Told():
                return "it has distributions of the public index, and its list is too short to name all of those"
            case str(why):
                return f"whether its list is whole is not known: {why}"
    return ""


def _blocks(names: list[str]) -> Iterator[tuple[str, bytes]]:
    for start in range(0, len(names), _BLOCK):
        block = names[start : start + _BLOCK]
        yield block[0], zlib.compress("\n".join(block).encode(), 9)
