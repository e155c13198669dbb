"""What the releases around each change of a row prove together, what stays open, and what contradicts the row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from packaging.version import Version

from verifier.deprecations import Api
from verifier.proving.proof import GONE, HERE, Proof
from verifier.proving.seeing import Seen
from verifier.proving.steps import Step
from verifier.symbols.library import NAME as STANDARD


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is proved of a row, why the rest is not, and what speaks against the row."""

    proof: tuple[Proof, ...] = ()
    unproved: str | None = None
    contradictions: tuple[str, ...] = ()


@dataclass(slots=True)
class _Told:
    """What was found so far: by version, in order."""

    proof: dict[str, Proof]
    open: dict[str, None]
    against: dict[str, None]
    left_out: bool
    """That stubs lack the API is no proof: typeshed leaves out what it thinks nobody should use."""
    silent: dict[str, str]
    """Releases that ought to warn and do not, with what their documentation says instead."""


def judge(api: Api, steps: tuple[Step, ...], newest: str | None, seen: Mapping[str, Seen]) -> Verdict:
    """Put together what the releases say of a row; `seen` holds each release that its steps name."""
    standard = api.distribution == STANDARD
    told = _Told({}, {}, {}, standard and not any(each.word in HERE for each in seen.values()), {})
    if standard:
        seen = {version: _doubted(each, version, api) for version, each in seen.items()}
    for step in steps:
        # a change that both sides show was seen, even where one of them is only likely
        if step.at is not None and seen[step.at].likely and step.change != "deprecated":
            seen = {**seen, step.at: _unlike(seen[step.at])}
        if step.before is not None and seen[step.before].likely and not _differ(step, seen):
            seen = {**seen, step.before: _unlike(seen[step.before])}
        _before(api, step, seen, told)
        _at(step, seen, told, by_value=api.value is not None)
    if newest is not None:
        _now(api, newest, seen[newest], told)
    if told.against and (api.without or api.beside):
        # what complains only in company is there, silent or gone for every other use
        told.open["what it does depends on other arguments"] = None
        told.against.clear()
    if told.against:
        found = tuple(told.against)
        return Verdict(unproved=f"contradicted: {'; '.join(found)}", contradictions=found)
    proof = sorted(told.proof.values(), key=lambda each: Version(each.version))
    return Verdict(tuple(proof), "; ".join((*told.open, *_without_warning(told.silent))) or None)


def _unlike(seen: Seen) -> Seen:
    return Seen(None, why=f"it is likely to be {seen.word} at {seen.place}, but a star import hides whether it is")


def _differ(step: Step, seen: Mapping[str, Seen]) -> bool:
    """Whether the two sides of a change say different things, the earlier one what belongs there."""
    if step.at is None or step.before is None or step.change == "reintroduced":
        return False
    before, after = seen[step.before].word, seen[step.at].word
    if step.change == "removed":
        return after in GONE
    return before == "present" and after == "warns"


def _doubted(seen: Seen, version: str, api: Api) -> Seen:
    """What typeshed says of a Python: that it lacks something is a doubt where the row says that it is there."""
    if seen.word == "absent" and api.state(version) != "removed":
        return Seen(None, why="typeshed leaves it out")
    return seen


def _without_warning(silent: Mapping[str, str]) -> tuple[str, ...]:
    """What there is to say on the releases that ought to warn and do not."""
    documented = [version for version, said in silent.items() if said]
    quiet = [version for version, said in silent.items() if not said]
    found = [f"deprecated in the documentation of {' and '.join(documented)} only"] if documented else []
    return (*found, *([f"no warning was found in {' and '.join(quiet)}"] if quiet else []))


def _before(api: Api, step: Step, seen: Mapping[str, Seen], told: _Told) -> None:
    """The last release before a change."""
    if step.before is None:
        told.open[f"no release before {step.version} can be read"] = None
        return
    last = seen[step.before]
    where = f"{step.before} ({last.place})"
    match step.change, last.word:
        case _, None:
            told.open[f"{step.before}: {last.why}"] = None
        case "deprecated" | "removed", "absent" if ":" not in last.place:
            told.open[f"{step.before} has no {last.place} at all"] = None
        case "deprecated", "warns":
            told.against[f"it warns already in {where}"] = None
        case "deprecated", "absent" if step.at is not None and seen[step.at].word == "warns":
            _prove(told, step.before, last)  # born deprecated, as the methods of a class that is new are
        case "deprecated", "absent" if step.at is not None and seen[step.at].word == "present" and seen[step.at].says:
            told.open[f"it is new in {step.at}, whose documentation deprecates it"] = None
        case "deprecated" | "removed", "absent" | "raises":
            told.against[f"it is not there in {where}"] = None
        case "reintroduced", "present" | "warns":
            told.against[f"it is there in {where}, before {step.version} brings it back"] = None
        case _, word:
            _prove(told, step.before, last)
            if step.change == "removed" and api.deprecated is not None and word == "present":
                told.silent[step.before] = last.says


def _at(step: Step, seen: Mapping[str, Seen], told: _Told, *, by_value: bool) -> None:
    """The first release with a change."""
    if step.at is None:
        told.open[f"no stable release from {step.version} on can be read"] = None
        return
    first = seen[step.at]
    where = f"{step.at} ({first.place})"
    match step.change, first.word:
        case _, None:
            told.open[f"{step.at}: {first.why}"] = None
        case "deprecated", "absent" | "raises":
            told.against[f"it is gone in {where}, which only deprecates it"] = None
        case "deprecated", "present":
            told.silent[step.at] = first.says
        case "removed", "present" | "warns" if by_value:
            told.open[f"{step.at}: what it does with a value is not in the signature"] = None
        case "removed", "present" | "warns":
            told.against[f"it is still there in {where}"] = None
        case "reintroduced", "absent" | "raises":
            told.against[f"it is not there in {where}"] = None
        case _, "absent" if told.left_out:
            told.open["typeshed has it for no Python that it describes"] = None
        case _:
            _prove(told, step.at, first)


def _now(api: Api, newest: str, last: Seen, told: _Told) -> None:
    """The newest release, after the last change of all."""
    state = api.state(newest)
    if state == "removed" and last.word in HERE and not last.likely and api.value is None:
        told.against[f"it is there again in {newest} ({last.place})"] = None
    if state != "removed" and last.word in GONE:
        told.against[f"it is gone in {newest} ({last.place})"] = None


def _prove(told: _Told, version: str, seen: Seen) -> None:
    if seen.word is not None:
        told.proof[version] = Proof(version, seen.word, seen.place)
