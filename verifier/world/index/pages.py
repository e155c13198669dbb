"""Pages of package indexes as values: JSON (PEP 691, 700, 792), HTML (PEP 503, 592, 658), flat lists of files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urljoin

import msgspec
from packaging.utils import canonicalize_name

from verifier.distributions import DistributionFile, Releases
from verifier.world.addresses import without_credentials
from verifier.world.index import html
from verifier.world.index.file_names import belongs, version_of

ACCEPTED = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.01"
"""The header that asks for JSON and takes HTML (PEP 691)."""
_JSON = "application/vnd.pypi.simple."
_HTML_KINDS = ("text/html", "application/xhtml+xml", "application/vnd.pypi.simple.v1+html")


class NoPageError(ValueError):
    """Why what came back is no page of an index."""


class _Status(msgspec.Struct):
    status: str = "active"
    reason: str | None = None


class _Meta(msgspec.Struct):
    version: str = msgspec.field(default="1.0", name="api-version")


class _File(msgspec.Struct):
    filename: str
    url: str
    hashes: dict[str, str] = {}
    requires_python: str | None = msgspec.field(default=None, name="requires-python")
    yanked: bool | str | None = None
    size: int | None = None
    uploaded: str | None = msgspec.field(default=None, name="upload-time")
    metadata: Any = msgspec.field(default=None, name="core-metadata")
    older_metadata: Any = msgspec.field(default=None, name="dist-info-metadata")


class _Page(msgspec.Struct):
    name: str
    files: list[_File]
    meta: _Meta = msgspec.field(default_factory=_Meta)
    status: _Status = msgspec.field(default_factory=_Status, name="project-status")


_decoder = msgspec.json.Decoder(_Page)


def is_json(kind: str) -> bool:
    """Whether a content type is that of an index's JSON; NoPageError for one that no index uses."""
    kind = kind.partition(";")[0].strip().lower()
    if kind in _HTML_KINDS:
        return False
    if kind.startswith(_JSON) and kind.endswith("+json"):
        return True
    raise NoPageError(f"with the content type {kind or 'none'!r}")


def parse(name: str, index: str, place: str, kind: str, body: bytes) -> Releases:
    """Return what the page of a distribution says; NoPageError where it is none, such as a form to log in.

    `place` is the address that the page came from in the end, `kind` its content type.
    """
    if is_json(kind):
        return _from_json(name, index, place, body)
    page = html.read(kind, body)
    _check_version(page.version)
    if not any(belongs(link.file, name) for link in page.links) and not page.lists(name):
        raise NoPageError("but with no page of files")
    return Releases(name, index, of_name(_files(page, place), name), page.status, page.reason)


def flat(place: str, kind: str, body: bytes) -> tuple[DistributionFile, ...]:
    """Return all files that a page of links has, of any distribution and without versions; NoPageError as `parse`."""
    if is_json(kind):
        raise NoPageError("with no list of links")
    return tuple(_files(html.read(kind, body), place))


def _check_version(version: str) -> None:
    """Refuse a later major version of the page format; a later minor one only adds to it (PEP 629)."""
    if version and version.partition(".")[0] != "1":
        raise NoPageError(f"in version {version} of the page format, which is not known")


def of_name(files: Iterable[DistributionFile], name: str) -> tuple[DistributionFile, ...]:
    """Return the files of one distribution that can be installed, each with its version."""
    found = ((file, version_of(file.name, name)) for file in files)
    return tuple(replace(file, version=version) for file, version in found if version is not None)


def _files(page: html.Page, place: str) -> Iterator[DistributionFile]:
    base = urljoin(place, page.base)
    for link in page.links:
        if link.file:
            yield DistributionFile(
                link.file,
                _address(base, link.address),
                "",
                (link.hash,) if link.hash else (),
                requires_python=link.requires_python,
                yanked=link.yanked,
                uploaded=link.uploaded,
                metadata=link.metadata,
            )


def _from_json(name: str, index: str, place: str, body: bytes) -> Releases:
    try:
        page = _decoder.decode(body)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        raise NoPageError("but with no page of files") from None
    _check_version(page.meta.version)
    if canonicalize_name(page.name) != name:
        raise NoPageError("with the page of another distribution")
    files = []
    for each in page.files:
        metadata = each.metadata if each.metadata is not None else each.older_metadata
        yanked = "" if each.yanked is True else each.yanked if isinstance(each.yanked, str) else None
        if (version := version_of(each.filename, name)) is not None:
            files.append(
                DistributionFile(
                    each.filename,
                    _address(place, each.url),
                    version,
                    tuple(f"{kind.lower()}:{digest.lower()}" for kind, digest in each.hashes.items()),
                    each.size,
                    each.requires_python or "",
                    yanked,
                    each.uploaded,
                    bool(metadata),
                )
            )
    return Releases(name, index, tuple(files), page.status.status, page.status.reason or "")


def _address(base: str, address: str) -> str:
    """Return the address of a file without fragment and credentials, made absolute; empty where it is none."""
    try:
        url = address if address.startswith("https://") else urljoin(base, address)
    except ValueError:
        return ""
    url = url.partition("#")[0]
    return without_credentials(url)[0] if "@" in url else url
