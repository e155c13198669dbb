"""Names of distribution files: whether one belongs to a distribution, and which version it holds."""

from __future__ import annotations

import re
from functools import lru_cache

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

_ARCHIVES = (".tar.gz", ".zip", ".tar.bz2", ".tgz", ".tar.xz", ".tar.Z", ".tar.lzma", ".tar", ".tbz")
_INSTALLERS = (".exe", ".msi", ".rpm", ".dmg", ".deb")
"""Pages list them, and no installer of today takes them."""
_WHEEL_PARTS = (5, 6)
_EGG = re.compile(r"-py\d.*$")


def belongs(file: str, name: str) -> bool:
    """Whether that is a file of the distribution (normalised name), of whatever kind and version."""
    stem = _stem(file, (".whl", ".egg", *_ARCHIVES, *_INSTALLERS))
    return stem is not None and any(canonicalize_name(stem[:end]) == name for end in _dashes(stem))


def version_of(file: str, name: str) -> str | None:
    """Return the version of an installable file of the distribution, as it spells it; None for every other file."""
    if (stem := _stem(file, (".whl",))) is not None:
        parts = stem.split("-")
        if len(parts) not in _WHEEL_PARTS or canonicalize_name(parts[0]) != name:
            return None
        return parts[1] if _is_version(parts[1].replace("_", "-")) else None
    egg = _stem(file, (".egg",))
    stem = _EGG.sub("", egg) if egg is not None else _stem(file, _ARCHIVES)
    for end in _dashes(stem) if stem is not None else ():
        if stem is not None and canonicalize_name(stem[:end]) == name and _is_version(stem[end + 1 :]):
            return stem[end + 1 :]
    return None


def _stem(file: str, suffixes: tuple[str, ...]) -> str | None:
    lower = file.lower()
    return next((file[: -len(suffix)] for suffix in suffixes if lower.endswith(suffix.lower())), None)


def _dashes(stem: str) -> list[int]:
    return [place for place, letter in enumerate(stem) if letter == "-" and place]


@lru_cache(maxsize=4096)
def _is_version(text: str) -> bool:
    try:
        Version(text)
    except InvalidVersion:
        return False
    return True
