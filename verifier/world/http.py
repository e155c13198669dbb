"""Requests over HTTP and to `file:` addresses: each ends in time, with an answer or a FetchError for people."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from queue import Queue
from types import MappingProxyType

from verifier.distributions import Indexes
from verifier.world.addresses import credentials, host, shown
from verifier.world.file_urls import opened, path_of

_NOTHING: Mapping[str, str] = MappingProxyType({})
_PLAIN = frozenset({200, 206, 304, 404, 410, 416})
_SMALL = 1 << 16
"""As much of the body of an error is read, so that the connection can serve the next question."""
_CHUNKS = 64
"""So many chunks may wait for the one who reads them."""


class FetchError(Exception):
    """Why an address gave no answer that can be used; the text holds no credentials."""

    def __init__(self, text: str, status: int | None = None) -> None:
        super().__init__(text)
        self.status = status
        """The status of an answer that is none of those which `fetch` returns."""


class InterruptedFetchError(FetchError):
    """The connection ended before the answer did."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer: its status, the address that gave it in the end, without credentials, headers and body."""

    status: int
    url: str
    headers: Mapping[str, str]
    """By lower-case name; `get("content-type")`."""
    body: bytes
    whole: bool = True
    """Whether the server said where the body ends; if not, a lost connection looks like an end."""


@dataclass(frozen=True, slots=True)
class Stream:
    """An answer whose body is still arriving."""

    status: int
    url: str
    headers: Mapping[str, str]
    """By lower-case name."""
    chunks: Iterator[bytes]
    """Iterating raises FetchError where the rest does not arrive."""
    whole: bool = True


@dataclass(slots=True)
class Traffic:
    """How many HTTP requests this process sent, and how many bytes of answers it received."""

    requests: int = 0
    bytes: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def add(self, requests: int, received: int) -> None:
        """Count more of both."""
        with self._lock:
            self.requests += requests
            self.bytes += received


traffic = Traffic()


class Headers(dict[str, str]):
    """Headers by name, whatever the case of the question."""

    def __init__(self, headers: Mapping[str, str] = _NOTHING) -> None:
        super().__init__({name.lower(): value for name, value in headers.items()})

    def __getitem__(self, name: str) -> str:
        return super().__getitem__(name.lower())

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and super().__contains__(name.lower())

    def get(self, name: str, default: str | None = None) -> str | None:  # type: ignore[override]  # as one overload
        """Return the header of that name in any case."""
        return super().get(name.lower(), default)


def fetch(indexes: Indexes, url: str, *, headers: Mapping[str, str] = _NOTHING, most_bytes: int, end: float) -> Reply:
    """Return the answer of the address, at the latest when the monotonic clock shows `end` seconds.

    Answers have status 200, 206, 304, 404, 410 or 416; anything else, a body of more than `most_bytes` and one that
    breaks off twice is a FetchError.
    """
    asked = Headers(headers)
    if "range" not in asked:
        asked.setdefault("accept-encoding", "gzip, deflate")
    try:
        return _fetched(indexes, url, asked, most_bytes, end)
    except InterruptedFetchError:
        if time.monotonic() >= end:
            raise
        return _fetched(indexes, url, asked, most_bytes, end)


def _fetched(indexes: Indexes, url: str, headers: Mapping[str, str], most_bytes: int, end: float) -> Reply:
    with stream(indexes, url, headers=headers, end=end) as answer:
        body = bytearray()
        wanted = answer.status in {HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT}
        if wanted and _length(answer.headers) > most_bytes:
            raise FetchError(f"the answer of {shown(url)} is larger than {most_bytes} bytes")
        for chunk in answer.chunks:
            body += chunk
            if wanted and len(body) > most_bytes:
                raise FetchError(f"the answer of {shown(url)} is larger than {most_bytes} bytes")
            if not wanted and len(body) > _SMALL:
                break
        return Reply(answer.status, answer.url, answer.headers, bytes(body), answer.whole)


def _length(headers: Mapping[str, str]) -> int:
    text = headers.get("content-length") or ""
    return int(text) if text.isdecimal() else 0


@contextmanager
def stream(indexes: Indexes, url: str, *, headers: Mapping[str, str] = _NOTHING, end: float) -> Iterator[Stream]:
    """Begin to read an answer, as `fetch` promises it; unless `accept-encoding` is given, its bytes are as sent."""
    asked = Headers(headers)
    if (path := path_of(url)) is not None:
        with ExitStack() as stack:
            try:
                status, told, chunks = stack.enter_context(opened(path, asked.get("range")))
            except OSError as error:
                raise _unreadable(path, error) from None
            yield Stream(status, url, Headers(told), _read(path, chunks))
        return
    if host(url) is None:
        raise FetchError(f"{shown(url)} is no address that can be asked")
    if time.monotonic() >= end:
        raise FetchError(f"{shown(url)} was not asked in time")
    if indexes.offline:
        raise FetchError(f"offline: {shown(url)} was not asked")
    from verifier.world import sessions  # noqa: PLC0415  # loads requests, which a run without questions never needs

    asked.setdefault("accept-encoding", "identity")
    call = sessions.Call(url, asked, credentials(indexes.indexes, url), indexes.certificates, end, Queue(_CHUNKS))
    # A daemon: one that waits for a server which sends a byte now and then must not hold the process.
    threading.Thread(target=sessions.converse, args=(call, traffic), daemon=True).start()
    try:
        head = call.next()
        if not isinstance(head, sessions.Head):
            raise InterruptedFetchError(f"{shown(url)} answered nothing")
        if head.status not in _PLAIN:
            raise FetchError(f"{shown(head.url)} answered {head.status}", head.status)
        yield Stream(head.status, shown(head.url), Headers(head.headers), call.chunks(), head.whole)
    finally:
        call.hang_up()


def _read(path: Path, chunks: Iterator[bytes]) -> Iterator[bytes]:
    try:
        yield from chunks
    except OSError as error:
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: OSError) -> FetchError:
    return FetchError(f"{path} cannot be read: {error.strerror or type(error).__name__}")
