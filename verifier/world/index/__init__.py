"""What package indexes have. A failure is never a "no"."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from packaging.utils import canonicalize_name

from verifier.distributions import Indexes, Releases
from verifier.world.addresses import shown
from verifier.world.index.releases import Absent, Unverified, releases_of


@dataclass(frozen=True, slots=True)
class Answer:
    """What the indexes say of a normalised name: `exists` is None when it could not be verified, and `why` tells."""

    name: str
    exists: bool | None
    why: str


def lookup(names: Collection[str], indexes: Indexes) -> Mapping[str, Answer]:
    """Ask the indexes whether they have the names, in at most `indexes.seconds`; keys as given."""
    outcomes = releases_of(indexes, names)
    return {name: answer(name, outcome) for name, outcome in outcomes.items()}


def answer(name: str, outcome: Releases | Absent | Unverified) -> Answer:
    """Return what the indexes' whole answer says of a name's existence."""
    name = canonicalize_name(name)
    match outcome:
        case Releases(index=index):
            return Answer(name, exists=True, why=f"{shown(index)} has {name}")
        case Absent(why):
            return Answer(name, exists=False, why=why)
        case Unverified(why, exists):
            return Answer(name, exists=True if exists else None, why=why)
