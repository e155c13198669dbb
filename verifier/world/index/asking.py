"""One question to one package index: what it has of a distribution, nothing, or why that is not known."""

from __future__ import annotations

import os
import time
import zlib
from dataclasses import dataclass, replace
from http import HTTPStatus
from pathlib import Path
from urllib.parse import unquote, urlsplit

import msgspec
from packaging.utils import canonicalize_name

from verifier.distributions import DistributionFile, Index, Indexes, Releases
from verifier.world.addresses import name_page, shown
from verifier.world.file_urls import path_of
from verifier.world.http import FetchError, Reply, fetch, stream
from verifier.world.index import pages
from verifier.world.store import Page

_GONE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
_MOST_BYTES = 64 * 1024 * 1024
_HTML_END = b"</html"
_LEVEL = 6
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Releases)


@dataclass(frozen=True, slots=True)
class Told:
    """What an index has of a distribution (None: nothing), and the page to remember, if it may be remembered."""

    releases: Releases | None
    page: Page | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """Which index is asked for what (an empty name: for its whole flat list), and what it said before."""

    index: Index
    name: str
    known: Page | None = None


def key(index: Index) -> str:
    """Return the name under which the answers of an index are remembered."""
    kind = " (flat)" if index.find_links else ""
    return f"{shown(index.url)}{kind}{' (signed in)' if index.user or index.password else ''}"


def decoded(page: Page) -> Releases | None:
    """Return what a remembered page says; ValueError where it is damaged."""
    if page.data is None:
        return None
    try:
        releases = _decoder.decode(zlib.decompress(page.data))
    except (zlib.error, msgspec.MsgspecError) as error:
        raise ValueError("a damaged record") from error
    return replace(releases, age=max(page.age, 0.0))


def ask(indexes: Indexes, question: Question, end: float) -> Told | str:
    """Return what the index says, at the latest when the monotonic clock shows `end`; a text is why it is not known."""
    index, name = question.index, question.name
    if (path := path_of(index.url)) is not None:
        try:
            return _flat_folder(path, index) if index.find_links else _local(path, index, name)
        except OSError as error:
            return f"{path} cannot be read: {error.strerror or type(error).__name__}"
    url = index.url if index.find_links else name_page(index.url, name)
    headers = {"Accept": "text/html" if index.find_links else pages.ACCEPTED}
    if question.known is not None and question.known.etag:
        headers["If-None-Match"] = question.known.etag
    try:
        reply = fetch(indexes, url, headers=headers, most_bytes=_MOST_BYTES, end=end)
    except FetchError as error:
        return _absent(index, "") if error.status in index.ignored else str(error)
    return _judged(reply, question, url)


def answers_at_all(indexes: Indexes, index: Index, end: float) -> bool:
    """Whether the index has a first page, or at least does not deny it."""
    try:
        with stream(indexes, index.url, headers={"Accept": pages.ACCEPTED}, end=end) as answer:
            return answer.status not in _GONE
    except FetchError:
        return True


def _judged(reply: Reply, question: Question, url: str) -> Told | str:
    index, name, known = question.index, question.name, question.known
    etag = reply.headers.get("etag") or ""
    if reply.status == HTTPStatus.NOT_MODIFIED and known is not None:
        page = replace(known, at=time.time(), etag=etag or known.etag)
        try:
            return Told(decoded(page), page)
        except ValueError:
            return f"{shown(url)} has not changed since an answer that cannot be read any more"
    if reply.status in _GONE and not index.find_links:
        return _missing(reply, index, name, url)
    if reply.status != HTTPStatus.OK:
        return f"{shown(url)} answered {reply.status}"
    kind = reply.headers.get("content-type") or ""
    try:
        if index.find_links:
            found = Releases("", index.url, pages.flat(reply.url, kind, reply.body))
        else:
            found = pages.parse(name, index.url, reply.url, kind, reply.body)
        whole = reply.whole or pages.is_json(kind) or _HTML_END in reply.body[-1024:].lower()
    except pages.NoPageError as error:
        return f"{shown(url)} answered, {error}"
    # Where nothing marks the end of the page, what came may be a part of it: good enough for now, not to be remembered.
    return Told(found, _page(found, etag) if whole else None)


def _missing(reply: Reply, index: Index, name: str, url: str) -> Told | str:
    """Answer "no", unless a redirect led away from the page of that name: what is missing then is something else."""
    last = unquote(urlsplit(reply.url).path.rstrip("/").rpartition("/")[2])
    if canonicalize_name(last) != name:
        return f"{shown(url)} redirects to a page that does not exist"
    return _absent(index, reply.headers.get("etag") or "")


def _absent(index: Index, etag: str) -> Told | str:
    if index.find_links:
        return f"{shown(index.url)} does not exist"
    return Told(None, Page(None, time.time(), etag))


def _page(found: Releases, etag: str) -> Page:
    return Page(zlib.compress(_encoder.encode(found), _LEVEL), time.time(), etag)


def _local(folder: Path, index: Index, name: str) -> Told | str:
    """Return what a folder with one folder for each distribution has; files answer at once and are not remembered."""
    if not folder.is_dir():
        return f"{folder} is no folder of packages"
    own = folder / name
    if not own.is_dir():
        # pip looks for the normalised name only; a folder of another spelling shows at least that the name exists.
        own = next((each for each in folder.iterdir() if canonicalize_name(each.name) == name), own)
    if not own.is_dir():
        return Told(None)
    place = f"{own.as_uri()}/"
    if not (own / "index.html").is_file():
        return Told(Releases(name, index.url, pages.of_name(_listed(own), name)))
    try:
        return Told(pages.parse(name, index.url, place, "text/html", (own / "index.html").read_bytes()))
    except pages.NoPageError as error:
        return f"{own / 'index.html'} was read, {error}"


def _flat_folder(path: Path, index: Index) -> Told | str:
    if path.is_dir():
        return Told(Releases("", index.url, tuple(_listed(path))))
    try:
        return Told(Releases("", index.url, pages.flat(index.url, "text/html", path.read_bytes())))
    except pages.NoPageError as error:
        return f"{path} was read, {error}"


def _listed(folder: Path) -> list[DistributionFile]:
    with os.scandir(folder) as entries:
        files = [entry for entry in entries if entry.is_file()]
    return [
        DistributionFile(each.name, (folder / each.name).absolute().as_uri(), "", size=each.stat().st_size)
        for each in sorted(files, key=lambda each: each.name)
    ]
