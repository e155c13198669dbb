"""Files behind `file:` addresses, answered the way a server would: found or not, whole or in part."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from urllib.request import url2pathname

from verifier.world.addresses import split

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
_KINDS = {".html": "text/html", ".htm": "text/html", ".json": "application/vnd.pypi.simple.v1+json"}
_CHUNK = 1 << 18


def path_of(url: str) -> Path | None:
    """Return the path that a `file:` address names, None for any other address and for a file of another machine."""
    parts = split(url)
    if parts is None or parts.scheme != "file" or parts.netloc.lower() not in {"", "localhost"} or "\0" in parts.path:
        return None
    return Path(url2pathname(parts.path))


@contextmanager
def opened(path: Path, wanted: str | None) -> Iterator[tuple[HTTPStatus, dict[str, str], Iterator[bytes]]]:
    """Status, headers and chunks of a file (of a folder: of its `index.html`) or of a range of it; OSError passes."""
    if path.is_dir():
        path /= "index.html"
    try:
        stream = path.open("rb")
    except (FileNotFoundError, NotADirectoryError):
        yield HTTPStatus.NOT_FOUND, {}, iter(())
        return
    with stream:
        size = stream.seek(0, 2)
        first, last, status = _bounds(wanted, size)
        length = last - first + 1
        headers = {"Content-Type": _KINDS.get(path.suffix.lower(), "application/octet-stream")}
        if status is HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            yield status, headers | {"Content-Range": f"bytes */{size}"}, iter(())
            return
        headers["Content-Length"] = str(length)
        if status is HTTPStatus.PARTIAL_CONTENT:
            headers["Content-Range"] = f"bytes {first}-{last}/{size}"
        stream.seek(first)
        yield status, headers, iter(lambda: stream.read(min(_CHUNK, last + 1 - stream.tell())), b"")


def _bounds(wanted: str | None, size: int) -> tuple[int, int, HTTPStatus]:
    """First and last byte for a Range header; a header of another form stands for the whole, as HTTP has it."""
    match = _RANGE.fullmatch(wanted.strip()) if wanted else None
    if match is None or not (match[1] or match[2]) or (match[1] and match[2] and int(match[2]) < int(match[1])):
        return 0, size - 1, HTTPStatus.OK
    if match[1]:
        first, last = int(match[1]), min(int(match[2] or size), size - 1)
    else:
        first, last = max(size - int(match[2]), 0), size - 1
    if first >= size or last < first:
        return 0, -1, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
    return first, last, HTTPStatus.PARTIAL_CONTENT
