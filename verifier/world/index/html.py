"""The links of an index's HTML page, with what their attributes tell (PEP 503, 592, 658, 792)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

from packaging.utils import canonicalize_name

_CHARSET = re.compile(r"charset\s*=\s*[\"']?([A-Za-z0-9._-]+)", re.IGNORECASE)
_HASH = re.compile(r"(?:^|&)(md5|sha1|sha224|sha256|sha384|sha512|blake2b|blake2s)=([0-9a-fA-F]+)")
_HEADINGS = frozenset({"title", "h1"})
_HEADING = re.compile(r"\s*links for\s+(\S+)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Link:
    """One file that a page links to."""

    file: str
    """The last part of its path."""
    address: str
    """As written, without the hash."""
    hash: str = ""
    requires_python: str = ""
    yanked: str | None = None
    uploaded: str | None = None
    metadata: bool = False


@dataclass(slots=True)
class Page:
    """A page as far as it has been read."""

    links: list[Link] = field(default_factory=list)
    base: str = ""
    status: str = "active"
    reason: str = ""
    version: str = ""
    """Of the page format (PEP 629); empty where the page does not say."""
    headings: list[str] = field(default_factory=list)
    form: bool = False
    ended: bool = False
    """Whether the closing tag was there."""

    def lists(self, name: str) -> bool:
        """Whether a page without files of that name is nevertheless its page, as one of a project without files is."""
        if self.links or self.form:
            return False
        titles = (_HEADING.fullmatch(text) for text in self.headings)
        return any(match and canonicalize_name(match[1]) == name for match in titles)


def read(kind: str, body: bytes) -> Page:
    """Return what an HTML page of that content type has; a damaged one gives what could be read."""
    charset = _CHARSET.search(kind)
    try:
        text = body.decode(charset[1] if charset else "utf-8", errors="replace")
    except LookupError:
        text = body.decode("utf-8", errors="replace")
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return reader.page


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = Page()
        self._heading = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take links, base address, format version and project status."""
        if tag == "a":
            given = dict(attrs)
            if href := given.get("href"):
                self.page.links.append(_link(href.strip(), given))
        elif tag == "base":
            self.page.base = self.page.base or dict(attrs).get("href") or ""
        elif tag == "meta":
            self._meta(dict(attrs))
        elif tag == "form":
            self.page.form = True
        self._heading = tag in _HEADINGS

    def handle_endtag(self, tag: str) -> None:
        """Notice the end of the page and of its headings."""
        self._heading = False
        self.page.ended = self.page.ended or tag == "html"

    def handle_data(self, data: str) -> None:
        """Keep the text of headings."""
        if self._heading:
            self.page.headings.append(data)

    def _meta(self, given: Mapping[str, str | None]) -> None:
        content = given.get("content") or ""
        match given.get("name"):
            case "pypi:repository-version":
                self.page.version = content
            case "pypi:project-status":
                self.page.status = content or "active"
            case "pypi:project-status-reason":
                self.page.reason = content


def _link(href: str, given: Mapping[str, str | None]) -> Link:
    address, _, fragment = href.partition("#")
    digest = _HASH.search(fragment)
    try:
        path = urlsplit(address).path
    except ValueError:
        path = ""
    metadata = given.get("data-core-metadata", given.get("data-dist-info-metadata", "false"))
    return Link(
        unquote(path.rpartition("/")[2]),
        address,
        f"{digest[1]}:{digest[2].lower()}" if digest else "",
        given.get("data-requires-python") or "",
        (given["data-yanked"] or "") if "data-yanked" in given else None,
        given.get("data-upload-time"),
        metadata != "false",
    )
