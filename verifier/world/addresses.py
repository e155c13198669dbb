"""Addresses of indexes and files: how they may be shown, which host they name, which credentials belong to them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import SplitResult, quote, unquote, urlsplit, urlunsplit

from verifier.distributions import Index

_PORTS = {"http": 80, "https": 443}
_PATH = re.compile(r"\b(https?://[^/\s;,)]+)/[^\s;,)]*")
_FILE = re.compile(r"^[\w.+-]+\.(?:whl|zip|tar\.\w+): ")
SILENT = "was not asked, because its host did not answer a moment ago"
"""What is said of an address whose host gave nothing to an earlier question."""
_ODD = re.compile(r"[\s\x00-\x1f\x7f]")


def split(url: str) -> SplitResult | None:
    """Return the parts of an address; None where its host or port is none."""
    try:
        parts = urlsplit(url)
        _ = parts.port, parts.hostname
    except ValueError:
        return None
    return parts


def shown(url: str) -> str:
    """Return the address without user, password, query and fragment: what may be printed and stored."""
    parts = split(url)
    if parts is None or not parts.scheme:
        return "the given address"
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], _ODD.sub("?", parts.path), "", ""))


def without_credentials(url: str) -> tuple[str, str, str]:
    """Return the address, user and password apart; what is no address comes back without anything before an `@`."""
    parts = split(url)
    if parts is None:
        return url.rpartition("@")[2], "", ""
    login, _, place = parts.netloc.rpartition("@")
    user, _, password = login.partition(":")
    return urlunsplit(parts._replace(netloc=place)), unquote(user), unquote(password)


def host(url: str) -> str | None:
    """Return scheme, host and port of an `http:` or `https:` address; None for any other."""
    parts = split(url)
    if parts is None or parts.scheme not in _PORTS or not parts.hostname or _ODD.search(url.strip()):
        return None
    return f"{parts.scheme}://{parts.hostname}:{parts.port or _PORTS[parts.scheme]}"


def credentials(indexes: Iterable[Index], url: str) -> tuple[str, str] | None:
    """User and password of the index on the same host whose path has most in common with the address."""
    where = host(url)
    fitting = [each for each in indexes if (each.user or each.password) and where and host(each.url) == where]
    if not fitting:
        return None
    best = max(fitting, key=lambda each: _common(each.url, url))
    return best.user, best.password


def name_page(index: str, name: str) -> str:
    """Return the address of the page that an index has for a normalised name (PEP 503)."""
    return f"{index.rstrip('/')}/{quote(name)}/" if name else f"{index.rstrip('/')}/"


def _common(one: str, other: str) -> int:
    count = 0
    for mine, yours in zip(urlsplit(one).path.split("/"), urlsplit(other).path.split("/"), strict=False):
        if mine != yours:
            break
        count += 1
    return count


def cause(why: str) -> str:
    """Return a reason without the file and the path on its host, so that one host that fails is one reason for all."""
    return _PATH.sub(r"\1", _FILE.sub("", why))
