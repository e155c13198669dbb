"""Whether a declared requirement can be satisfied by what the indexes have, on the Pythons that it is declared for."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from verifier.distributions import DistributionFile, Releases
from verifier.model import Severity
from verifier.world.places import Place
from verifier.world.target import holds, markers

_MINORS = tuple((3, minor) for minor in range(16))
_SLOPPY = (3, 7)
"""A project that says `>=3` means Python 3 as it is today, and not its first versions."""
_MICROS = (*range(31), 99)

Files = Mapping[Version, Sequence[DistributionFile]]


@dataclass(frozen=True, slots=True)
class Conflict:
    """Why a requirement cannot be satisfied, or should not be."""

    reason: str
    severity: Severity
    evidence: Mapping[str, object]


def conflict(place: Place, releases: Releases, python: tuple[int, int] | None, platform: str) -> Conflict | None:
    """What keeps a requirement from being satisfied by these releases; None where nothing does or it is not known.

    `python` is the target, None where only guessed. A local version label (`+cu121`) names a build that public indexes
    do not carry, so nothing is said of it. Of a distribution of which nothing can be installed `suspicion` speaks.
    """
    if place.elsewhere or releases.incomplete or _yanked(releases.files):
        return None
    try:
        asked = SpecifierSet(place.specifier)
        files = _by_version(releases.files)
    except (InvalidSpecifier, InvalidVersion):
        return None
    if any("+" in each.version for each in asked):
        return None
    fitting = {version: files[version] for version in files if _fits(asked, version, files[version])}
    if not fitting:
        return _nothing_fits(asked, files)
    usable = {version: each for version, each in fitting.items() if not _yanked(each)}
    if not usable:
        return _only_yanked(asked, fitting)
    # Without being asked for, a pre-release is taken only where there is nothing else.
    chosen = list(asked.filter(usable)) or list(usable)
    return _python_conflict(place, {version: usable[version] for version in chosen}, python, platform)


@lru_cache(maxsize=4096)
def allows(requires_python: str, python: tuple[int, int]) -> bool:
    """Whether a Requires-Python admits any release of a Python 3.x; one that nobody can read admits all."""
    try:
        asked = SpecifierSet(requires_python)
    except InvalidSpecifier:
        return True
    return any(asked.contains(f"{python[0]}.{python[1]}.{micro}", prereleases=True) for micro in _MICROS)


def pinned(specifier: str) -> str | None:
    """The one version that a specifier names (`==` or `===`); None where it leaves a choice or cannot be read."""
    try:
        pin = _pin(SpecifierSet(specifier))
    except InvalidSpecifier:
        return None
    return str(pin) if pin else None


def _by_version(files: Sequence[DistributionFile]) -> Files:
    # Some distributions have thousands of files, dozens to a version; each spelling is parsed once.
    texts: dict[str, list[DistributionFile]] = {}
    for file in files:
        texts.setdefault(file.version, []).append(file)
    found: dict[Version, list[DistributionFile]] = {}
    for text, each in texts.items():
        found.setdefault(Version(text), []).extend(each)
    return found


def _fits(asked: SpecifierSet, version: Version, files: Sequence[DistributionFile]) -> bool:
    if asked.contains(version, prereleases=True):
        return True
    # `===` compares texts, and the index may spell the version as the requirement does.
    exact = {each.version.lower() for each in asked if each.operator == "==="}
    return len(asked) == len(exact) == 1 and any(file.version.lower() in exact for file in files)


def _yanked(files: Sequence[DistributionFile]) -> bool:
    """Whether all of them were; so too where there is none."""
    return all(file.yanked is not None for file in files)


def _nothing_fits(asked: SpecifierSet, files: Files) -> Conflict:
    versions = sorted(files)
    finals = [version for version in versions if not version.is_prerelease] or versions
    words = f"the newest is {finals[-1]}"
    if pin := _pin(asked):
        place = bisect(finals, pin)
        near = finals[max(place - 1, 0) : place + 1]
        words = f"the nearest are {near[0]} and {near[1]}" if len(near) == 2 else f"the nearest is {near[0]}"
    evidence = {"newest": str(finals[-1]), "versions": len(versions)}
    return Conflict(f"no version satisfies it; {words}", Severity.ERROR, evidence)


def _pin(asked: SpecifierSet) -> Version | None:
    """The version that a requirement names exactly (`==` without a wildcard, or `===`), as PEP 592 means it."""
    for each in asked:
        if each.operator in {"==", "==="}:
            try:
                return Version(each.version)
            except InvalidVersion:  # a wildcard, or any text after `===`
                return None
    return None


def _only_yanked(asked: SpecifierSet, fitting: Files) -> Conflict:
    newest = max(fitting)
    reason = next((" ".join(file.yanked.split()) for file in fitting[newest] if file.yanked), "")
    because = f" ({reason})" if reason else ""
    evidence = {"yanked": [str(version) for version in sorted(fitting)], "reason": reason}
    if _pin(asked):
        return Conflict(f"version {newest} was yanked{because}", Severity.INFO, evidence)
    return Conflict(f"every version that satisfies it was yanked{because}", Severity.ERROR, evidence)


def _python_conflict(place: Place, files: Files, python: tuple[int, int] | None, platform: str) -> Conflict | None:
    """A Python that the project supports, or the target, for which no fitting version was made."""
    newest = files[max(files)]
    needed = next((file.requires_python for file in newest if file.requires_python), "")
    told = {file.requires_python for each in files.values() for file in each}
    for pythons, words in _asked_of(place, python, platform):
        if not any(allows(each, one) for each in told for one in pythons):
            reason = f"every version that satisfies it excludes {words} (the newest needs {needed})"
            return Conflict(reason, Severity.WARNING, {"requires-python": sorted(told), "project": place.python})
    return None


def _asked_of(place: Place, python: tuple[int, int] | None, platform: str) -> list[tuple[list[tuple[int, int]], str]]:
    """Groups of Pythons of which one must be served, each with words for it."""
    supported = [
        each for each in _MINORS if allows(place.python, each) and holds(place.marker, markers(each, platform))
    ]
    asked: list[tuple[list[tuple[int, int]], str]] = []
    if place.python and supported:
        sloppy = supported[0] < _SLOPPY
        lowest = f"Python {supported[0][0]}.{supported[0][1]}, which the project supports ({place.python})"
        asked.append(
            (supported, f"all that the project supports ({place.python})") if sloppy else (supported[:1], lowest)
        )
    if python is not None and python in supported:
        asked.append(([python], f"Python {python[0]}.{python[1]}, for which the code is judged"))
    return asked
