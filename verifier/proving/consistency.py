"""Whether a row's proof fits what the row says, by its lines alone: what can be checked without a network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from packaging.version import InvalidVersion, Version

from verifier.proving.proof import GONE, HERE, Proof, Word, parse


def problems(row: Mapping[str, Any]) -> list[str]:
    """What is wrong with the proof of a row as its table has it; empty where nothing is."""
    lines, unproved = row.get("proof", []), row.get("unproved")
    if not lines and not unproved:
        return ["it has neither a proof nor a reason why there is none"]
    found: list[str] = []
    if unproved is not None and (not isinstance(unproved, str) or not unproved.strip()):
        found.append("`unproved` says nothing")
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


def _words(row: Mapping[str, Any], proof: Sequence[Proof]) -> Iterator[str]:
    """What single lines, and their order, say that the row does not."""
    for one, other in pairwise(proof):
        if Version(one.version) >= Version(other.version):
            yield f"{one.version} stands before {other.version}"
    for each in proof:
        try:
            wanted = _wanted(row, Version(each.version))
        except InvalidVersion as error:
            yield str(error)
            return
        if each.word not in wanted:
            yield f"{str(each)!r}: by the row's versions it would be {' or '.join(sorted(wanted))}"


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
