"""Wheels and source archives made in memory, and a server on loopback that gives them whole, in ranges, or badly."""

from __future__ import annotations

import hashlib
import io
import re
import tarfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from verifier.distributions import DistributionFile, Indexes
from verifier.world.archives import opening, store

NOISE = hashlib.shake_128(b"noise")


def noise(size: int) -> bytes:
    """Bytes that no packer makes smaller."""
    return NOISE.digest(size)


def wheel(members: Mapping[str, bytes | str], *, name: str = "alpha", version: str = "1.0") -> bytes:
    """A wheel with these members, in order, then the metadata that a builder would add."""
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nRequires-Dist: beta>=2 ; extra == 'more'\n"
    information = {f"{name}-{version}.dist-info/METADATA": metadata, f"{name}-{version}.dist-info/RECORD": ""}
    return zipped({**members, **({} if any(".dist-info/METADATA" in each for each in members) else information)})


def zipped(members: Mapping[str, bytes | str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for each, data in members.items():
            archive.writestr(each, data)
    return buffer.getvalue()


def tarred(members: Mapping[str, bytes | str], kind: str = "gz", *, extra: Callable[..., None] | None = None) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=f"w:{kind}") as archive:  # type: ignore[call-overload]  # three kinds
        for each, data in members.items():
            content = data.encode() if isinstance(data, str) else data
            info = tarfile.TarInfo(each)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        if extra:
            extra(archive)  # verify: ignore[B610] a function of the test, no query
    return buffer.getvalue()


@dataclass(slots=True)
class Item:
    """How the server answers one path."""

    data: bytes
    ranges: bool = True
    status: int = 200
    kind: str = "application/octet-stream"
    location: str = ""
    cut: int | None = None
    """The connection is closed after so many bytes of the body."""
    cuts: int = 1_000_000
    """How often it is."""
    stall: float = 0.0
    """Seconds of silence after half of the body."""
    lie: str = ""
    """A Content-Range to send in place of the right one."""
    length: bool = True


@dataclass(slots=True)
class Server:
    """The items by path, and what was asked for and sent."""

    url: str
    items: dict[str, Item] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    sent: int = 0
    authorized: list[str] = field(default_factory=list)

    def file(self, name: str, data: bytes, **said: object) -> DistributionFile:
        """Serve the data under that name; the hashes are right unless others are given."""
        behaviour = {key: said.pop(key) for key in [*said] if key in Item.__dataclass_fields__}
        self.items[f"/{name}"] = Item(data, **behaviour)  # type: ignore[arg-type]  # the fields that a test names
        hashes = said.pop("hashes", (f"sha256:{hashlib.sha256(data).hexdigest()}",))
        parts = name.removesuffix(".tar.gz").split("-")
        version = str(said.pop("version", parts[1] if len(parts) > 1 else "0"))
        return DistributionFile(name, f"{self.url}/{name}", version, hashes, **said)  # type: ignore[arg-type]  # likewise


@contextmanager
def serving() -> Iterator[Server]:
    """A server on a free port of loopback."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            wanted = self.headers.get("Range", "")
            server.asked.append((self.path, wanted))
            server.authorized.append(self.headers.get("Authorization", ""))
            item = server.items.get(self.path)
            if item is None or item.status not in {200, 206}:
                self.send_response(404 if item is None else item.status)
                if item is not None and item.location:
                    self.send_header("Location", item.location)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            body, headers, status = item.data, {}, 200
            match = re.fullmatch(r"bytes=(\d*)-(\d*)", wanted)
            if match and item.ranges:
                size = len(item.data)
                first = int(match[1]) if match[1] else max(size - int(match[2]), 0)
                last = min(int(match[2]), size - 1) if match[1] and match[2] else size - 1
                body, status = item.data[first : last + 1], 206
                headers["Content-Range"] = item.lie or f"bytes {first}-{last}/{size}"
            self.send_response(status)
            self.send_header("Content-Type", item.kind)
            if item.length:
                self.send_header("Content-Length", str(len(body)))
            else:
                self.send_header("Connection", "close")
                self.close_connection = True
            for key, value in headers.items():
                self.send_header(key, value)
            self.end_headers()
            self._send(item, body)

        def _send(self, item: Item, body: bytes) -> None:
            half = len(body) // 2
            server.sent += len(body)
            try:
                if item.cut is not None and item.cuts > 0:
                    item.cuts -= 1
                    self.wfile.write(body[: item.cut])
                    self.close_connection = True
                elif item.stall:
                    self.wfile.write(body[:half])
                    self.wfile.flush()
                    time.sleep(item.stall)
                    self.wfile.write(body[half:])
                else:
                    self.wfile.write(body)
            except ConnectionError:
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            pass  # a client that hangs up is what some tests are about

    running = Quiet(("127.0.0.1", 0), Handler)
    server = Server(f"http://127.0.0.1:{running.server_address[1]}")
    thread = threading.Thread(target=running.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        running.shutdown()
        running.server_close()
        thread.join()


def forget_all() -> None:
    """Begin as a new process would."""
    forget()
    for connection in store._memory.values():
        connection.close()
    store._memory.clear()


def forget() -> None:
    """Forget what a new process would not know, but what is kept in memory for want of a folder."""
    opening._open.clear()
    opening._texts.clear()
    opening._waves.clear()


def soon(seconds: float = 10.0) -> float:
    """The end of a question that may take so many seconds."""
    return time.monotonic() + seconds


def asking(cache: Path | None, **said: object) -> Indexes:
    """Indexes with that cache and nothing to ask but addresses of files."""
    return Indexes(cache=cache, **said)  # type: ignore[arg-type]  # the fields that a test names


@pytest.fixture(name="server")
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    forget_all()
    with serving() as running:
        yield running
