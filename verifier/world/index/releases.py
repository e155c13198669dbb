"""What the configured package indexes have of distributions: their releases, nothing, or why that is not known."""

from __future__ import annotations

import math
import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from packaging.utils import InvalidName, canonicalize_name

from verifier.distributions import DistributionFile, Index, Indexes, Releases
from verifier.world.addresses import shown
from verifier.world.index import batch
from verifier.world.index.asking import Told
from verifier.world.index.pages import of_name

_MINUTE, _HOUR, _DAY = 60, 3600, 24 * 3600


@dataclass(frozen=True, slots=True)
class Absent:
    """No index that may be asked has the distribution."""

    why: str


@dataclass(frozen=True, slots=True)
class Unverified:
    """Whether the distribution exists, or what it consists of, is not known."""

    why: str
    exists: bool = False
    """Whether an index is known to have it, though not which files."""


Outcome = Releases | Absent | Unverified


def releases(indexes: Indexes, name: str, *, end: float) -> Outcome:
    """Return what the indexes have of one distribution, at the latest when the monotonic clock shows `end`."""
    return releases_of(indexes, [name], end=end)[name]


def releases_of(
    indexes: Indexes, names: Collection[str], *, end: float | None = None, most_age: float = math.inf
) -> Mapping[str, Outcome]:
    """Return what the indexes have of distributions, keys as given; it takes `indexes.seconds` or lasts until `end`.

    A name exists if any index has it, so all are asked, except that a private name is never sent to a public index.
    Answers remembered for more than `most_age` seconds are asked for again, where the index can be asked.
    """
    end = time.monotonic() + indexes.seconds if end is None else end
    outcomes: dict[str, Outcome] = {}
    wanted: dict[str, str] = {}
    for name in names:
        try:
            wanted[name] = canonicalize_name(name, validate=True)
        except InvalidName:
            # With a dash at an end it stands for a private module of some other distribution.
            words = "not a valid distribution name"
            outcomes[name] = Unverified(words) if name.strip("-_.") != name else Absent(words)
    unique = sorted(set(wanted.values()))
    answers = batch.answers(indexes, unique, end, most_age) if unique else []
    merged = {name: _merged(indexes, name, answers) for name in unique}
    return outcomes | {name: merged[canonical] for name, canonical in wanted.items()}


def ago(seconds: float) -> str:
    """Return how long ago something was, in words."""
    for unit, word in ((_DAY, "day"), (_HOUR, "hour"), (_MINUTE, "minute")):
        if (count := int(seconds // unit)) > 0:
            return f"{count} {word}{'s' if count > 1 else ''} ago"
    return "just now"


def _merged(indexes: Indexes, name: str, answers: Iterable[tuple[Index, Mapping[str, batch.Answer]]]) -> Outcome:
    """Put together what the indexes say of one name, the first one's files first."""
    found: list[Releases] = []
    failures: dict[str, None] = {}
    absent: dict[str, None] = {}
    listed: str | None = None
    for index, told in answers:
        answer = told.get("" if index.find_links else name)
        where = shown(index.url)
        match answer:
            case None:
                continue
            case str():
                failures[answer] = None
            case batch.Listed(age):
                listed = f"offline, and {where} had {name} {ago(age)}, but its files are not known"
                failures[listed] = None
            case Told(None, page):
                age = max(page.age, 0.0) if page is not None else 0.0
                old = f" ({ago(age)})" if age >= _MINUTE else ""
                absent[f"{where} has no {name}{old}"] = None
            case Told(Releases() as told_releases):
                one = replace(told_releases, name=name, index=where)
                if index.find_links:
                    one = replace(one, files=of_name(one.files, name))
                if one.files or not index.find_links:
                    found.append(one)
                else:
                    absent[f"{where} has no {name}"] = None
    if found:
        return _together(found, "; ".join(failures))
    if failures:
        return Unverified("; ".join(failures), exists=listed is not None)
    if absent:
        return Absent("; ".join(absent))
    if batch.is_private(indexes, name):
        return Unverified(f"{name} is private, and no private index is configured")
    return Unverified("no package index is configured")


def _together(found: list[Releases], incomplete: str) -> Releases:
    files: dict[str, DistributionFile] = {}
    for each in found:
        for file in each.files:
            files.setdefault(file.name, file)
    first = next((each for each in found if each.files), found[0])
    return replace(first, files=tuple(files.values()), age=max(each.age for each in found), incomplete=incomplete)
