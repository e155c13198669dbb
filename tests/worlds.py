"""Builds the small worlds that examples name: an index on loopback, an environment with distributions, declarations."""

from __future__ import annotations

import importlib.util
import io
import threading
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from site_packages import write

from verifier import catalogue
from verifier.model import Finding

_OPAQUE = '''"""Modules are made at run time: nobody can say by reading what is here."""
import sys
sys.modules[__name__] = made()
'''


@contextmanager
def index(names: Any) -> Iterator[str]:
    """A package index on loopback that has these distributions; yields its URL."""
    known = {canonicalize_name(name) for name in names}

    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            last = self.path.strip("/").split("/")[-1]
            if last.endswith(".whl"):
                return self._answer(200, "application/octet-stream", _wheel(last))
            file = f"{last.replace('-', '_')}-1.0-py3-none-any.whl"
            if last == "simple":
                page = "".join(f'<a href="{each}/">{each}</a>' for each in sorted(known))
            elif last in known:
                page = f'<html><body><a href="{file}">{file}</a></body></html>'
            else:
                return self._answer(404, "text/html", b"404 Not Found")
            return self._answer(200, "text/html", page.encode())

        def _answer(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)  # verify: ignore[VER408] a server of the test

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/simple/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _wheel(file: str) -> bytes:
    """A wheel whose modules nobody can read anything out of, as those of `_install` are."""
    name, version = canonicalize_name(file.split("-", maxsplit=1)[0]), file.split("-")[1]
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for module in _modules(name):
            archive.writestr(f"{module.replace('.', '/')}/__init__.py", _OPAQUE)
        metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        archive.writestr(f"{file.split('-', maxsplit=1)[0]}-{version}.dist-info/METADATA", metadata)
    return data.getvalue()


def build(root: Path, world: Mapping[str, Any]) -> None:
    """Write a project into a folder: pyproject.toml with what is declared, and .venv with what is installed."""
    python = str(world.get("python", "3.12"))
    declared = [str(Requirement(each)) for each in world.get("declared", ())]
    lines = ["[project]", 'name = "example"', 'version = "1"', f"dependencies = {declared!r}".replace("'", '"')]
    (root / "pyproject.toml").write_text("\n".join(lines) + "\n")
    site = root / ".venv" / "lib" / f"python{python}" / "site-packages"
    site.mkdir(parents=True)
    (root / ".venv" / "pyvenv.cfg").write_text(f"version = {python}.0\ninclude-system-site-packages = false\n")
    for path, text in world.get("files", {}).items():
        write(site / path, text)
    for name, version in world.get("installed", {}).items():
        _install(site, canonicalize_name(name), str(version), opaque=world.get("opaque", False))


def _install(site: Path, name: str, version: str, *, opaque: bool) -> None:
    modules = _modules(name)
    info = site / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    record = [f"{info.name}/METADATA,,"]
    for module in modules:
        folder = site.joinpath(*module.split("."))
        record.append(f"{module.replace('.', '/')}/__init__.py,,")
        if folder.exists():
            continue
        folder.parent.mkdir(parents=True, exist_ok=True)
        ours = importlib.util.find_spec(module) if "." not in module else None
        if ours is not None and ours.submodule_search_locations and name != "setuptools" and not opaque:
            folder.symlink_to(next(iter(ours.submodule_search_locations)), target_is_directory=True)
        else:
            folder.mkdir()
            (folder / "__init__.py").write_text(_OPAQUE)
    (info / "RECORD").write_text("\n".join(record) + "\n")


def _modules(name: str) -> list[str]:
    names = catalogue.table("imports/names")["names"]
    listed = [module for module, all_ in names.items() if name in all_]
    tops = [module for module in listed if not any(module.startswith(f"{other}.") for other in listed)]
    return tops or [name.replace("-", "_")]


@dataclass(frozen=True)
class Marks:
    """What the comments of an example say must be found: (line, code), and what is known to be missed."""

    expected: frozenset[tuple[int, str]]
    todo: frozenset[tuple[int, str]]


def marks(text: str) -> Marks:
    """The `# expect:` and `# todo:` marks of an example."""
    found: dict[str, set[tuple[int, str]]] = {"expect": set(), "todo": set()}
    for number, line in enumerate(text.split("\n"), 1):
        for word, places in found.items():
            _, mark, codes = line.partition(f"# {word}: ")
            if mark:
                places.update((number, code.strip()) for code in codes.split("#")[0].split(","))
    return Marks(frozenset(found["expect"]), frozenset(found["todo"]))


def places(findings: Sequence[Finding]) -> frozenset[tuple[int, str]]:
    """Line and code of each finding."""
    return frozenset((each.span.line, each.code) for each in findings)
