"""Bytes of archives: some ranges of one where its server gives them, else the whole, checked against its hashes."""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http import HTTPStatus
from typing import IO, TypeVar

from verifier.distributions import DistributionFile, Indexes
from verifier.world.archives.model import Part, UnreadableError
from verifier.world.http import FetchError, InterruptedFetchError, Stream, stream

_Result = TypeVar("_Result")

_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")
GAP = 48 * 1024
"""Ranges as near as this are fetched as one: that many bytes cost less than another request."""
_THREADS = 6
_MEGABYTE = 1_000_000


def tail(indexes: Indexes, file: DistributionFile, size: int, *, end: float) -> tuple[Part, int] | IO[bytes]:
    """Return the last bytes of a file and its size, or the whole file where its server gives no ranges.

    Raises UnreadableError; the whole file lies in a temporary place, is checked against its hashes, and goes with it.
    """
    try:
        return _twice(partial(_tail, indexes, file, size, end), file)
    except _NoRangesError:
        return whole(indexes, file, end=end)


def ranges(
    indexes: Indexes, file: DistributionFile, spans: Iterable[tuple[int, int]], total: int, *, end: float
) -> list[Part]:
    """Return parts of a file of that size that cover the spans, several fetched at once; raises UnreadableError."""
    wanted = merged(spans)
    if sum(last - first for first, last in wanted) > indexes.most_bytes:
        raise UnreadableError(f"{file.name}: more would have to be fetched than the limit of {_size(indexes)} allows")

    def one(span: tuple[int, int]) -> Part:
        return _twice(partial(_part, indexes, file, span, total, end), file)

    try:
        if len(wanted) <= 1:
            return [one(span) for span in wanted]
        with ThreadPoolExecutor(min(_THREADS, len(wanted))) as threads:
            return list(threads.map(one, wanted))
    except _NoRangesError:
        raise UnreadableError(f"{file.name}: its server gave a range once and then no more") from None


def merged(spans: Iterable[tuple[int, int]], gap: int = GAP) -> list[tuple[int, int]]:
    """Return the spans in order, near ones as one."""
    result: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if result and first - result[-1][1] <= gap:
            result[-1] = (result[-1][0], max(last, result[-1][1]))
        else:
            result.append((first, last))
    return result


def whole(indexes: Indexes, file: DistributionFile, *, end: float) -> IO[bytes]:
    """Return a file in a temporary place, at its beginning, with the hashes that it should have.

    Raises UnreadableError, also where it is larger than `indexes.most_bytes`.
    """

    def download() -> IO[bytes]:
        with stream(indexes, file.url, end=end) as answer:
            _judge(file, answer)
            return _saved(indexes, file, answer)

    return _twice(download, file)


def check(file: DistributionFile, parts: Iterable[bytes]) -> None:
    """Raise UnreadableError unless these contents have the hashes that the index or the lock file gives."""
    digests = _digests(file)
    for part in parts:
        for _, _, digest in digests:
            digest.update(part)
    for name, expected, digest in digests:
        if digest.hexdigest() != expected:
            raise UnreadableError(f"{file.name}: its {name} is not the one that was promised", lasting=True)


class _NoRangesError(Exception):
    """The server answers, but not with the range that was asked for."""


def _twice(ask: Callable[[], _Result], file: DistributionFile) -> _Result:
    """Do it, and once more where the connection was lost on the way."""
    try:
        try:
            return ask()
        except InterruptedFetchError:
            return ask()
    except FetchError as error:
        raise UnreadableError(f"{file.name}: {error}") from None


def _tail(indexes: Indexes, file: DistributionFile, size: int, end: float) -> tuple[Part, int] | IO[bytes]:
    with stream(indexes, file.url, headers={"Range": f"bytes=-{size}"}, end=end) as answer:
        if answer.status == HTTPStatus.OK:
            return _saved(indexes, file, answer)
        if answer.status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            raise _NoRangesError
        _judge(file, answer)
        first, last, total = _bounds(answer)
        if last != total - 1 or first != max(total - size, 0):
            raise _NoRangesError
        return Part(first, _body(answer, last + 1 - first)), total


def _part(indexes: Indexes, file: DistributionFile, span: tuple[int, int], total: int, end: float) -> Part:
    headers = {"Range": f"bytes={span[0]}-{span[1] - 1}"}
    with stream(indexes, file.url, headers=headers, end=end) as answer:
        _judge(file, answer)
        if _bounds(answer) != (span[0], span[1] - 1, total):
            raise _NoRangesError
        return Part(span[0], _body(answer, span[1] - span[0]))


def _judge(file: DistributionFile, answer: Stream) -> None:
    """Raise UnreadableError where the server says that the file is not there."""
    if answer.status not in {HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT}:
        raise UnreadableError(f"{file.name}: {answer.url} answered {answer.status}", lasting=True)


def _bounds(answer: Stream) -> tuple[int, int, int]:
    """First and last byte and the size of the whole, of an answer that is a range; raises _NoRangesError."""
    match = _RANGE.fullmatch((answer.headers.get("content-range") or "").strip())
    if answer.status != HTTPStatus.PARTIAL_CONTENT or match is None:
        raise _NoRangesError
    return int(match[1]), int(match[2]), int(match[3])


def _body(answer: Stream, size: int) -> bytes:
    """Return a body of exactly that size."""
    body = bytearray()
    for chunk in answer.chunks:
        body += chunk
        if len(body) > size:
            raise _NoRangesError
    if len(body) < size:
        raise InterruptedFetchError(f"{answer.url} gave fewer bytes than it said")
    return bytes(body)


def _saved(indexes: Indexes, file: DistributionFile, answer: Stream) -> IO[bytes]:
    """Write the answer to a temporary file, unless it is too large or has not the hashes that it should have."""
    length = answer.headers.get("content-length") or ""
    if length.isdecimal() and int(length) > indexes.most_bytes:
        raise UnreadableError(
            f"{file.name} is {int(length) / _MEGABYTE:.0f} MB, more than the limit of {_size(indexes)}", lasting=True
        )
    place = tempfile.TemporaryFile()  # noqa: SIM115  # the caller closes it, and with that it is gone
    try:
        check(file, _written(indexes, file, answer.chunks, place))
    except BaseException:
        place.close()
        raise
    place.seek(0)
    return place


def _written(indexes: Indexes, file: DistributionFile, chunks: Iterable[bytes], place: IO[bytes]) -> Iterator[bytes]:
    """Give the chunks on as they are written."""
    received = 0
    for chunk in chunks:
        received += len(chunk)
        if received > indexes.most_bytes:
            raise UnreadableError(f"{file.name} is larger than the limit of {_size(indexes)}", lasting=True)
        place.write(chunk)
        yield chunk


def _digests(file: DistributionFile) -> list[tuple[str, str, hashlib._Hash]]:
    found = []
    for each in file.hashes:
        name, _, expected = each.partition(":")
        if expected and name in hashlib.algorithms_guaranteed and not name.startswith("shake"):
            found.append((name, expected.lower(), hashlib.new(name, usedforsecurity=False)))
    return found


def _size(indexes: Indexes) -> str:
    return f"{indexes.most_bytes / _MEGABYTE:.0f} MB"
