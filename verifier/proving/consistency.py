"""Whether a row's proof fits what the row says, by its lines alone: what can be checked without a network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from packaging.version import InvalidVersion, Version

from verifier.proving.proof import GONE, HERE, Proof, Word, parse

BY_HAND = "checked by hand:"
"""How `unproved` begins where a person has read the releases that contradict a row; such a row is left alone."""


def problems(row: Mapping[str, Any]) -> list[str]:
    """What is wrong with the proof of a row as its table has it; empty where nothing is."""
    lines, unproved = row.get("proof", []), row.get("unproved")
    if not lines and not unproved:
        return ["it has neither a proof nor a reason why there is none"]
    found: list[str] = []
    if unproved is not None and (not isinstance(unproved, str) or not unproved.strip()):
        found.append("`unproved` says nothing")
    if is_checked_by_hand(row) and not str(unproved).removeprefix(BY_HAND).strip():
        found.append(f"`unproved` does not say what was {BY_HAND.removesuffix(':')}")
    if unproved and not row.get("reference"):
        found.append("what is not proved in full needs a reference")
    if unproved and str(unproved).startswith("contradicted"):
        found.append(f"its proof was tried and speaks against it: {unproved}")
    if not isinstance(lines, Sequence) or isinstance(lines, str) or not all(isinstance(each, str) for each in lines):
        return [*found, "`proof` is no list of lines"]
    proof: list[Proof] = []
    for each in lines:
        try:
            proof.append(parse(each))
        except ValueError as error:
            found.append(str(error))
    if found:
        return found
    return [*_words(row, proof), *_whole(row, proof, partly=bool(unproved))]


def is_checked_by_hand(row: Mapping[str, Any]) -> bool:
    """Whether a person has read what the machine cannot judge."""
    return str(row.get("unproved", "")).startswith(BY_HAND)


def _words(row: Mapping[str, Any], proof: Sequence[Proof]) -> Iterator[str]:
    """What single lines, and their order, say that the row does not."""
    for one, other in pairwise(proof):
        if Version(one.version) >= Version(other.version):
            yield f"{one.version} stands before {other.version}"
    for number, each in enumerate(proof):
        try:
            wanted = _wanted(row, Version(each.version))
        except InvalidVersion as error:
            yield str(error)
            return
        if each.word == "absent" and _is_born_deprecated(row, proof[number : number + 2]):
            continue
        if each.word not in wanted:
            yield f"{str(each)!r}: by the row's versions it would be {' or '.join(sorted(wanted))}"


def _is_born_deprecated(row: Mapping[str, Any], proof: Sequence[Proof]) -> bool:
    """Whether the first line is older than the deprecation, and the second shows that the API came with a warning."""
    if "deprecated" not in row or len(proof) < 2 or proof[1].word != "warns":
        return False
    return Version(proof[0].version) < Version(row["deprecated"]) <= Version(proof[1].version)


def _wanted(row: Mapping[str, Any], version: Version) -> frozenset[Word]:
    """The words that fit a release by the versions that the row names."""
    if "reintroduced" in row and version >= Version(row["reintroduced"]):
        return HERE
    if "removed" in row and version >= Version(row["removed"]):
        return GONE
    if "deprecated" in row and version >= Version(row["deprecated"]):
        return HERE
    # what no version deprecates may warn before it is removed
    return frozenset({"present"}) if "deprecated" in row else HERE


def _whole(row: Mapping[str, Any], proof: Sequence[Proof], *, partly: bool) -> Iterator[str]:
    """What the lines leave open although nothing says that they do."""
    if partly:
        return
    last = row.get("removed")
    for change, here in (("deprecated", frozenset({"warns"})), ("removed", GONE), ("reintroduced", HERE)):
        if change not in row:
            continue
        limit = Version(row[change])
        before = [each for each in proof if Version(each.version) < limit]
        after = [each for each in proof if Version(each.version) >= limit]
        if not before:
            yield f"no line is older than {change} = {row[change]!r}"
        if not after or after[0].word not in here:
            yield f"no line shows that {row[change]} is the release of {change!r}"
    if last and "deprecated" in row:
        quiet = [
            each
            for each in proof
            if Version(row["deprecated"]) <= Version(each.version) < Version(last) and each.word == "present"
        ]
        yield from (f"{str(each)!r} has no warning, and `unproved` does not say so" for each in quiet)
