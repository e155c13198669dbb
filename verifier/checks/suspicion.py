"""Whether a distribution is the one that was meant: what its releases and its name say against it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from packaging.version import InvalidVersion, Version

from verifier.checks import lookalikes
from verifier.distributions import DistributionFile, Releases
from verifier.model import Severity
from verifier.world.advisories import Advisory

YOUNG_DAYS = 90
"""A first release younger than this (in days) is no reason for anybody, or any model, to know the name."""

_SHOWN = 3
"""So many advisories are named in a message; the evidence has all."""


class Sign(StrEnum):
    """One thing that speaks against a distribution."""

    QUARANTINED = "quarantined"
    EMPTY = "no files"
    YANKED = "yanked"
    ARCHIVED = "archived"
    DEPRECATED = "deprecated"
    YOUNG = "young"
    SINGLE = "one release"
    FEW = "two releases"
    LOOKALIKE = "lookalike"
    IMPORT_NAME = "import name"
    VULNERABLE = "vulnerable"


_STATUS = {each.value: each for each in (Sign.QUARANTINED, Sign.ARCHIVED, Sign.DEPRECATED)}
_NAMES = frozenset({Sign.LOOKALIKE, Sign.IMPORT_NAME})
_SMALL = frozenset({Sign.YOUNG, Sign.SINGLE, Sign.FEW})


@dataclass(frozen=True, slots=True)
class Signal:
    """A sign, and the words for it in a message."""

    sign: Sign
    text: str


def signals(name: str, releases: Releases, today: date) -> tuple[Signal, ...]:
    """Everything that speaks against a distribution (normalised name), the weightiest first.

    Nothing is concluded from the number or age of files where an index that may have more of them did not answer.
    """
    found = list(_of_status(releases))
    if not releases.incomplete:
        found += _of_files(releases.files, today, quarantined=releases.status == Sign.QUARANTINED)
    if right := lookalikes.meant_by(name):
        found.append(Signal(Sign.IMPORT_NAME, f"`{name}` is the import name of the distribution `{right}`"))
    elif near := lookalikes.resembles(name):
        found.append(Signal(Sign.LOOKALIKE, f"its name is one slip from `{near}`"))
    return tuple(found)


def vulnerable(version: str, advisories: Sequence[Advisory]) -> Signal | None:
    """One signal for all that is published against a version; None where nothing is."""
    if not advisories:
        return None
    ids = [each.id for each in advisories]
    shown = ", ".join(ids[:_SHOWN]) + (f" and {len(ids) - _SHOWN} more" if len(ids) > _SHOWN else "")
    fixes = [_fixed(version, each) for each in advisories]
    known = [each for each in fixes if each is not None]
    fixed = f"; fixed in {max(known)}" if len(known) == len(fixes) else ""
    what = "a known vulnerability" if len(ids) == 1 else f"{len(ids)} known vulnerabilities"
    return Signal(Sign.VULNERABLE, f"version {version} has {what} ({shown}{fixed})")


def severity(found: Sequence[Signal]) -> Severity | None:
    """How much the signals matter together; None: they are no finding.

    A single release or a near name alone is what thousands of honest distributions have.
    """
    signs = {each.sign for each in found}
    if Sign.QUARANTINED in signs:
        return Severity.ERROR
    if (
        signs & {Sign.EMPTY, Sign.YANKED, Sign.VULNERABLE}
        or signs >= {Sign.YOUNG, Sign.SINGLE}
        or (signs & _NAMES and signs & _SMALL)
    ):
        return Severity.WARNING
    if signs & {Sign.YOUNG, Sign.ARCHIVED, Sign.DEPRECATED, Sign.IMPORT_NAME}:
        return Severity.INFO
    return None


def first_release(files: Sequence[DistributionFile]) -> date | None:
    """The day of the oldest file; None where there is none, or the index does not date every file."""
    days: list[date] = []
    for file in files:
        try:
            days.append(datetime.fromisoformat(file.uploaded or "").date())
        except ValueError:
            return None
    return min(days, default=None)


def _of_status(releases: Releases) -> Iterator[Signal]:
    if sign := _STATUS.get(releases.status):
        by = "the index has quarantined it" if sign is Sign.QUARANTINED else f"its owner has marked it as {sign}"
        reason = " ".join(releases.reason.split())
        yield Signal(sign, f"{by} ({reason})" if reason else by)


def _of_files(files: Sequence[DistributionFile], today: date, *, quarantined: bool) -> Iterator[Signal]:
    if not files:
        # An index offers no files of what it has quarantined; that is one sign and not two.
        if not quarantined:
            yield Signal(Sign.EMPTY, "it has no file that could be installed")
        return
    if all(file.yanked is not None for file in files):
        reason = next((" ".join(file.yanked.split()) for file in files if file.yanked), "")
        yield Signal(
            Sign.YANKED, f"all its releases were yanked ({reason})" if reason else "all its releases were yanked"
        )
    first = first_release(files)
    if first is not None and today - first < timedelta(days=YOUNG_DAYS):
        # A file dated tomorrow comes from a clock that differs from ours.
        days = max((today - first).days, 0)
        yield Signal(Sign.YOUNG, f"its first release is {days} day{'' if days == 1 else 's'} old")
    match len({_version(file.version) for file in files}):
        case 1:
            yield Signal(Sign.SINGLE, "it has only one release")
        case 2:
            yield Signal(Sign.FEW, "it has only two releases")


def _fixed(version: str, advisory: Advisory) -> Version | None:
    """The oldest version after this one that no longer has the vulnerability."""
    try:
        return min((fix for each in advisory.fixed_in if (fix := Version(each)) > Version(version)), default=None)
    except InvalidVersion:
        return None


def _version(text: str) -> Version | str:
    try:
        return Version(text)
    except InvalidVersion:
        return text
