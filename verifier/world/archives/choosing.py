"""Which file of a release stands for it, and which release fits a specifier, for the target and not for our Python."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.tags import Tag, compatible_tags, cpython_tags, mac_platforms
from packaging.utils import InvalidWheelFilename, parse_wheel_filename
from packaging.version import InvalidVersion, Version

from verifier.distributions import DistributionFile
from verifier.world.archives.paths import is_source

_NEWEST_GLIBC = 40
_OLDEST_GLIBC = 5
_LEGACY = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}
"""Older names of some manylinux platforms (PEP 600)."""
_NEWEST_MACOS = (26, 0)
_WINDOWS = {"x86_64": "win_amd64", "amd64": "win_amd64", "arm64": "win_arm64", "aarch64": "win_arm64"}


def choose(
    files: Sequence[DistributionFile], *, python: tuple[int, int], platform: str, machine: str = "x86_64"
) -> DistributionFile | None:
    """Return the file of one release to read for a target: the wheel that fits it best, else any other wheel.

    The Python files of wheels for other targets are nearly always the same, and complete; those of a source archive,
    which is the last resort, lack what its build makes. `platform` is as in `sys.platform`.
    """
    order = _tags(python, platform, machine.lower())
    allowed = [file for file in files if allows(file, python)]
    fitting = [(rank, file) for file in allowed if (rank := _rank(file, order)) is not None]
    if fitting:
        return min(fitting, key=lambda each: each[0])[1]
    for some in (allowed, files):
        wheels = [file for file in some if _parsed(file.name) is not None]
        best = min(wheels, key=lambda file: _distance(file, python, platform), default=None)
        sources = [file for file in some if is_source(file.name)]
        if best is not None and (_is_modern(best) or not sources):
            return best
        if sources:
            return sources[0]
    return next((file for file in files if file.name.endswith(".egg")), None)


def fits(file: DistributionFile, *, python: tuple[int, int], platform: str, machine: str = "x86_64") -> bool:
    """Whether an installer would take this wheel for the target as it is."""
    return allows(file, python) and _rank(file, _tags(python, platform, machine.lower())) is not None


def allows(file: DistributionFile, python: tuple[int, int]) -> bool:
    """Whether the file's `requires-python` admits some release of the target Python; one that is broken admits all."""
    return not file.requires_python or _admits(file.requires_python, python)


@lru_cache(maxsize=4096)
def _admits(requires_python: str, python: tuple[int, int]) -> bool:
    try:
        specifier = SpecifierSet(requires_python)
    except InvalidSpecifier:
        return True
    # A bound such as >=3.8.1 speaks of later releases of 3.8, one such as <3.8.1 of the first.
    return any(specifier.contains(f"{python[0]}.{python[1]}.{patch}", prereleases=True) for patch in (0, 99))


def newest(
    files: Iterable[DistributionFile], specifier: str, *, python: tuple[int, int], prereleases: bool = False
) -> str | None:
    """Return the newest version, as its files spell it, that fits the specifier and has a file for that Python.

    A pre-release only where it is wanted, named by the specifier, or all there is; a yanked one only for `==`. None
    where nothing fits, and where the specifier is none.
    """
    try:
        wanted = SpecifierSet(specifier)
    except InvalidSpecifier:
        return None
    pinned = any(each.operator in {"==", "==="} and not each.version.endswith(".*") for each in wanted)
    found: dict[Version, str] = {}
    for file in files:
        version = _version(file.version)
        usable = is_source(file.name) or file.name.endswith((".whl", ".egg"))
        if version is None or not usable or (file.yanked is not None and not pinned) or not allows(file, python):
            continue
        if wanted.contains(version, prereleases=True):
            found.setdefault(version, file.version)
    final = [version for version in found if not version.is_prerelease]
    if final and not prereleases and not wanted.prereleases:
        return found[max(final)]
    return found[max(found)] if found else None


@lru_cache(maxsize=8192)
def _version(text: str) -> Version | None:
    try:
        return Version(text)
    except InvalidVersion:
        return None


def _rank(file: DistributionFile, order: dict[Tag, int]) -> tuple[int, tuple[int, str]] | None:
    """How well a wheel fits, least is best: its best tag, then the highest build number; None where it does not."""
    parsed = _parsed(file.name)
    if parsed is None:
        return None
    tags, (number, rest) = parsed
    best = min((order[tag] for tag in tags if tag in order), default=None)
    return None if best is None else (best, (-number, rest))


def _distance(file: DistributionFile, python: tuple[int, int], platform: str) -> tuple[bool, bool, int, str]:
    """How far a wheel for something else is from the target: another platform, Python 2, a Python further away."""
    parsed = _parsed(file.name)
    tags = parsed[0] if parsed else frozenset()
    start = {"win32": "win", "darwin": "macosx"}.get(platform, "manylinux")
    near = any(tag.platform == "any" or tag.platform.startswith(start) for tag in tags)
    versions = [
        int(tag.interpreter[3:]) for tag in tags if tag.interpreter[:3] in {"cp3", "py3"} and tag.interpreter[3:]
    ]
    minor = min((abs(version - python[1]) for version in versions), default=0)
    return (not _is_modern(file), not near, minor, file.name)


def _is_modern(file: DistributionFile) -> bool:
    """Whether a wheel is for some Python 3."""
    parsed = _parsed(file.name)
    return parsed is not None and any("3" in tag.interpreter[:4] for tag in parsed[0])


@lru_cache(maxsize=4096)
def _parsed(name: str) -> tuple[frozenset[Tag], tuple[int, str]] | None:
    try:
        _, _, build, tags = parse_wheel_filename(name)
    except (InvalidWheelFilename, InvalidVersion, ValueError):
        return None
    return tags, (build or (-1, ""))


@lru_cache(maxsize=16)
def _tags(python: tuple[int, int], platform: str, machine: str) -> dict[Tag, int]:
    """Return the tags that an interpreter for the target supports, with their place in its order."""
    platforms = list(_platforms(platform, machine))
    abi = f"cp{python[0]}{python[1]}" + ("m" if python < (3, 8) else "")
    order = [
        *cpython_tags(python, [abi], platforms),
        *compatible_tags(python, f"cp{python[0]}{python[1]}", platforms),
    ]
    return {tag: place for place, tag in reversed(list(enumerate(order)))}


def _platforms(platform: str, machine: str) -> Iterator[str]:
    match platform:
        case "win32" | "cygwin":
            yield _WINDOWS.get(machine, "win32")
        case "darwin":
            for each in dict.fromkeys(("arm64", "x86_64")):
                yield from mac_platforms(_NEWEST_MACOS, each)
        case _:
            for minor in range(_NEWEST_GLIBC, _OLDEST_GLIBC - 1, -1):
                yield f"manylinux_2_{minor}_{machine}"
                if minor in _LEGACY:
                    yield f"{_LEGACY[minor]}_{machine}"
            yield f"linux_{machine}"
