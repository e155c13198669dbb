"""A package index on loopback whose distributions a test writes as text; it serves pages, files and parts of files."""

from __future__ import annotations

import hashlib
import io
import json
import re
import tarfile
import threading
import time
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Shelf:
    """The files of every distribution, by name, and what was asked for."""

    url: str = ""
    files: dict[str, dict[str, bytes]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    stall: float = 0.0
    """Seconds before every answer."""
    about: dict[str, dict[str, object]] = field(default_factory=dict)
    """More that the JSON page says of a file, by file name; and of a distribution, by its name."""

    def add(
        self,
        name: str,
        version: str,
        modules: Mapping[str, str],
        *,
        requires: tuple[str, ...] = (),
        tag: str = "py3-none-any",
        about: Mapping[str, object] | None = None,
    ) -> str:
        """Put a wheel on the shelf; returns its file name."""
        stem = f"{name.replace('-', '_')}-{version}"
        data = io.BytesIO()
        with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
            for path, text in modules.items():
                archive.writestr(path, text)
            archive.writestr(f"{stem}.dist-info/METADATA", metadata(name, version, requires))
            archive.writestr(f"{stem}.dist-info/RECORD", "".join(f"{path},,\n" for path in modules))
        return self._put(name, f"{stem}-{tag}.whl", data.getvalue(), about or {})

    def add_source(
        self,
        name: str,
        version: str,
        modules: Mapping[str, str],
        *,
        requires: tuple[str, ...] = (),
        about: Mapping[str, object] | None = None,
    ) -> str:
        """Put a source archive on the shelf; returns its file name."""
        stem = f"{name.replace('-', '_')}-{version}"
        data = io.BytesIO()
        with tarfile.open(fileobj=data, mode="w:gz") as archive:
            for path, text in {**modules, "PKG-INFO": metadata(name, version, requires), "setup.py": ""}.items():
                member = tarfile.TarInfo(f"{stem}/{path}")
                member.size = len(text.encode())
                archive.addfile(member, io.BytesIO(text.encode()))
        return self._put(name, f"{stem}.tar.gz", data.getvalue(), about or {})

    def address(self, file: str) -> str:
        """Where a file lies."""
        return f"{self.url.removesuffix('simple/')}files/{file}"

    def digest(self, file: str) -> str:
        """The digest of a file as lock files write it."""
        data = next(files[file] for files in self.files.values() if file in files)
        return f"sha256:{hashlib.sha256(data).hexdigest()}"

    def _put(self, name: str, file: str, data: bytes, about: Mapping[str, object]) -> str:
        self.files.setdefault(name, {})[file] = data
        self.about[file] = dict(about)
        return file

    def root(self) -> bytes:
        """The list of all distributions in JSON."""
        page = {"meta": {"api-version": "1.4"}, "projects": [{"name": name} for name in self.files]}
        return json.dumps(page).encode()

    def page(self, name: str) -> bytes | None:
        """The page of a distribution in JSON."""
        files = self.files.get(name)
        if files is None:
            return None
        listed = [
            {
                "filename": file,
                "url": self.address(file),
                "hashes": dict([self.digest(file).split(":")]),
                "size": len(data),
            }
            | self.about[file]
            for file, data in files.items()
        ]
        page = {"meta": {"api-version": "1.4"}, "name": name, "files": listed, "versions": []}
        return json.dumps(page | self.about.get(name, {})).encode()


def metadata(name: str, version: str, requires: tuple[str, ...]) -> str:
    """The core metadata of a distribution."""
    lines = [f"Requires-Dist: {need}" for need in requires]
    return "\n".join(["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", *lines, "", ""])


@contextmanager
def serving() -> Iterator[Shelf]:
    """Run the index until the end of the block."""
    shelf = Shelf()

    class Pages(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            shelf.asked.append(self.path)
            time.sleep(shelf.stall)
            kind, last = self.path.strip("/").split("/")[0], self.path.strip("/").split("/")[-1]
            if kind == "files":
                body = next((files[last] for files in shelf.files.values() if last in files), None)
                return self._file(body) if body is not None else self._send(404, b"", "text/html")
            page = shelf.root() if last == "simple" else shelf.page(last)
            return self._send(200 if page else 404, page or b"none", "application/vnd.pypi.simple.v1+json")

        def _file(self, body: bytes) -> None:
            wanted = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("Range", ""))
            if wanted is None:
                return self._send(200, body, "application/octet-stream")
            start = int(wanted[1]) if wanted[1] else max(len(body) - int(wanted[2]), 0)
            end = min(int(wanted[2]) + 1, len(body)) if wanted[1] and wanted[2] else len(body)
            extra = {"Content-Range": f"bytes {start}-{end - 1}/{len(body)}"}
            return self._send(206, body[start:end], "application/octet-stream", extra)

        def _send(self, status: int, body: bytes, kind: str, extra: Mapping[str, str] | None = None) -> None:
            self.send_response(status)
            for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **(extra or {})}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    shelf.url = f"http://127.0.0.1:{server.server_address[1]}/simple/"
    try:
        yield shelf
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
