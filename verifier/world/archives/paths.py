"""Which members of an archive are read, and where each of them lies once it is installed."""

from __future__ import annotations

import re

from packaging.utils import canonicalize_name

_ARCHIVES = (".tar.gz", ".tar.bz2", ".tar.xz", ".tgz", ".tbz2", ".tbz", ".txz", ".tar", ".zip")
_WHEELS = (".whl", ".egg")
_METADATA = frozenset({"METADATA", "RECORD", "top_level.txt", "entry_points.txt", "requires.txt"})
_DATA = re.compile(r"[^/]+\.data/(?:purelib|platlib)/(?P<rest>.+)")
_EGG = {"EGG-INFO/PKG-INFO": "METADATA"}
_DRIVE = re.compile(r"[A-Za-z]:")


def is_wheel(name: str) -> bool:
    """Whether a file of that name is unpacked as it is: a wheel or an egg."""
    return name.lower().endswith(_WHEELS)


def is_source(name: str) -> bool:
    """Whether a file of that name is a source archive."""
    return name.lower().endswith(_ARCHIVES)


def distribution(name: str, version: str) -> str:
    """Return the normalised name of the distribution that a file of that name and version belongs to."""
    lowered = name.lower()
    stem = name[: -len(next((end for end in (*_ARCHIVES, *_WHEELS) if lowered.endswith(end)), ""))]
    if is_wheel(name):
        return canonicalize_name(stem.partition("-")[0])
    return canonicalize_name(stem.removesuffix(f"-{version}") if version else stem.rpartition("-")[0])


def information(name: str, version: str) -> str:
    """Return the folder of the metadata that an installer would make for that file."""
    return f"{distribution(name, version).replace('-', '_')}-{version}.dist-info"


def keepable(path: str) -> bool:
    """Whether the contents of a member at that path below site-packages are ever read."""
    folder, _, last = path.rpartition("/")
    if folder.endswith(".dist-info") and "/" not in folder:
        return last in _METADATA
    return last == "py.typed" or last.endswith((".py", ".pyi", ".pyx", ".pxd"))


def safe(name: str) -> bool:
    """Whether a member of that name stays in the folder that the archive is unpacked to."""
    if not name or name.startswith("/") or "\\" in name or "\0" in name or _DRIVE.match(name):
        return False
    return not any(part in {"", ".", ".."} for part in name.removesuffix("/").split("/"))


def installed(member: str, information_folder: str) -> str | None:
    """Return where a member of a wheel or egg lies below site-packages; None for scripts, headers and data."""
    if member.startswith("EGG-INFO/"):
        rest = member.removeprefix("EGG-INFO/")
        return f"{information_folder}/{_EGG.get(member, rest)}"
    if match := _DATA.fullmatch(member):
        return match["rest"]
    return None if ".data/" in member and member.partition("/")[0].endswith(".data") else member
