"""Which of the locked versions a Python on a platform gets."""

from __future__ import annotations

from collections.abc import Iterable

from packaging.version import InvalidVersion, Version

from verifier.distributions import Locked
from verifier.world import target

_NONE = Version("0.dev0")


def choose(packages: Iterable[Locked], *, python: tuple[int, int], platform: str) -> dict[str, Locked]:
    """Return by name what is installed for CPython `python` on `platform` (as sys.platform says it).

    Of several entries whose markers hold, as those of extras that exclude each other, the newest counts.
    """
    environment = target.markers(python, platform)
    chosen: dict[str, Locked] = {}
    for package in packages:
        if target.holds(package.marker, environment):
            other = chosen.get(package.name)
            if other is None or _order(package) > _order(other):
                chosen[package.name] = package
    return chosen


def _order(package: Locked) -> Version:
    try:
        return Version(package.version)
    except InvalidVersion:
        return _NONE
