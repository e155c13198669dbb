"""The releases that decide about a row: the last before each change, the first with it, and the newest of all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal, TypeAlias

from packaging.version import Version

from verifier.deprecations import Api

Change: TypeAlias = Literal["deprecated", "removed", "reintroduced"]
CHANGES: tuple[Change, ...] = ("deprecated", "removed", "reintroduced")


@dataclass(frozen=True, slots=True)
class Step:
    """One change of a row, and the stable releases on either side of it; None where there is none."""

    change: Change
    version: str
    before: str | None
    at: str | None


def steps(api: Api, versions: Sequence[str]) -> tuple[Step, ...]:
    """The changes of a row among the versions of a distribution (oldest first)."""
    found: list[Step] = []
    changes = [(change, said) for change in CHANGES if (said := getattr(api, change)) is not None]
    ends = [Version(said) for _, said in changes[1:]]
    for (change, said), end in zip_longest(changes, ends):
        limit = Version(said)
        before = [each for each in versions if Version(each) < limit]
        after = [each for each in versions if Version(each) >= limit and (end is None or Version(each) < end)]
        found.append(Step(change, said, before[-1] if before else None, after[0] if after else None))
    return tuple(found)


def needed(api: Api, versions: Sequence[str]) -> tuple[str, ...]:
    """The versions to read for a row, oldest first; the newest shows what came after the last change."""
    wanted = {each for step in steps(api, versions) for each in (step.before, step.at) if each is not None}
    wanted.update(versions[-1:])
    return tuple(sorted(wanted, key=Version))
