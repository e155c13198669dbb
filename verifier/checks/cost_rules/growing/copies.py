"""Copies of something whole that each turn of a loop makes and only looks at."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from verifier.checks.cost_rules.grading import graded, in_tests
from verifier.checks.cost_rules.reporting import CostRules, costly
from verifier.checks.registry import Parsed, code_of
from verifier.costs.extents import size
from verifier.costs.loops.copying import Copy, copies, handed_out, reads
from verifier.costs.model import Costs, Done, Repeat, Size
from verifier.costs.objects.changes import conditional, done_with, is_left_alone, runs_once, unchanged
from verifier.costs.objects.doings import doings
from verifier.costs.objects.paths import path_of
from verifier.costs.repeats import repeated
from verifier.model import Finding, Rule, Severity
from verifier.semantics.model import Use

_MOST_READS = 3
"""So many reads of elements in a turn are surely fewer than all."""


def needless(parsed: Parsed, costs: Costs, rule: Rule) -> Iterator[Finding]:
    """A copy on each turn of which one element is taken, or which nobody changes or keeps."""
    for each in copies(costs):
        at = each.at
        repeat = repeated(costs, each.of, at.loop, at.scope, at.order)
        if repeat is None or size(costs, each.of, at.scope, at.order).size <= Size.SLOW:
            continue
        if each.statement is not None and runs_once(costs, at.loop, each.statement):
            continue
        use = _use(costs, each, repeat)
        if use is None:
            continue
        yield costly(
            rule,
            parsed,
            each.node,
            repeat,
            evidence={"container": code_of(parsed, each.of), "deep": each.deep, "used": use},
            severity=_severity(parsed, costs, each, repeat),
            call=code_of(parsed, each.node),
            use=use,
        )


def _severity(parsed: Parsed, costs: Costs, each: Copy, repeat: Repeat) -> Severity | None:
    """Less than the rule's own where few turns copy, or little is copied; a deep copy of little is slow too."""
    if repeat.via is None and conditional(each.at.branch, repeat.loop):
        return Severity.INFO
    if each.deep:
        return None if repeat.extent.grows and not in_tests(parsed) else Severity.INFO
    return graded(parsed, costs, repeat, each.of, each.at.scope, each.at.order)


def _use(costs: Costs, each: Copy, repeat: Repeat) -> str | None:
    """What is done with a copy, in words, where none was needed."""
    known, path = doings(costs), path_of(each.of)
    taken = known.subscripts.get(id(each.node))
    if taken is not None:
        return "to take one element of it" if _is_element(taken) else None
    if (what := handed_out(costs, each)) is not None:
        steady = path is not None and unchanged(costs, path, each.at.scope, repeat.loop, deep=False)
        return what if steady or what == "to count it" else None
    into = known.handed.get(id(each.node))
    if into is not None and each.deep:
        if into[0] == id(each.at.scope.function):
            return None
        return "for a function that does not change it" if is_left_alone(known, into) else None
    match known.statements.get(id(each.node)):
        case (
            cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))])
            | cst.AnnAssign(target=cst.Name(value=name))
        ) if repeat.via is None:
            use = _use_of_name(costs, each, name, repeat)
        case _:
            use = None
    if use is None and each.text and path is not None and unchanged(costs, path, each.at.scope, repeat.loop, deep=True):
        return "by way of a text that is the same on each turn"
    return use


def _use_of_name(costs: Costs, each: Copy, name: str, repeat: Repeat) -> str | None:
    """What is done in a loop with a copy that has a name, where none was needed."""
    scope, path = each.at.scope, path_of(each.of)
    found = reads(costs, name, scope, repeat.loop)
    if each.deep and _is_tried(costs, each, name, repeat, found):
        return "for a branch of the recursion, where the one change could be taken back"
    done = [one.done for one in done_with(costs, (name,), scope, repeat.loop) if each.deep or len(one.path) == 1]
    if done != [Done.BOUND]:
        return None
    steady = unchanged(costs, (name,), scope, repeat.loop, deep=True, bound=True)
    if steady and path is not None and unchanged(costs, path, scope, repeat.loop, deep=each.deep):
        # of a shallow copy only elements may be read: to go through all takes as long as the copy
        only = bool(found) and all(isinstance(use.parent, cst.Subscript) for use in found)
        return "though nothing changes it" if each.deep or only else None
    few = 0 < len(found) <= _MOST_READS and all(_takes_one(use) and use.loop is each.at.loop for use in found)
    return "to take one element of it" if few else None


def _takes_one(use: Use) -> bool:
    """Whether a use of a copy reads one element of it, or of one of its attributes: `old[k]`, `old.stock.get(k)`."""
    match use.node, use.parent:
        case _, cst.Subscript() as parent if parent.value is use.node:
            return _is_element(parent)
        case cst.Attribute(attr=cst.Name(value="get")), cst.Call():
            return True
        case _:
            return False


def _is_element(taken: cst.Subscript) -> bool:
    return len(taken.slice) == 1 and isinstance(taken.slice[0].slice, cst.Index)


def _is_tried(costs: Costs, each: Copy, name: str, repeat: Repeat, found: list[Use]) -> bool:
    """Whether a function that calls itself gives itself a copy in which it sets an element, and nothing else has it.

    What is done with an element at a known place can be undone after the call, unless all copies are kept.
    """
    known, scope = doings(costs), each.at.scope
    own = id(scope.function)
    done = list(done_with(costs, (name,), scope, repeat.loop))
    passed = [one for one in done if one.done is Done.PASSED]
    if not passed or any(one.into is None or one.into[0] != own for one in passed):
        return False
    if any(one.done is Done.KEPT for one in done) or not any(one.done is Done.CHANGED for one in done):
        return False
    sets = [use for use in found if isinstance(use.parent, cst.Subscript)]
    return len(sets) <= _MOST_READS and all(
        isinstance(use.parent, cst.Subscript) or id(use.node) in known.handed for use in found
    )


RULES: CostRules = {"copy-per-turn": needless}
