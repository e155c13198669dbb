"""How sure it is that a search in a loop is slow: what decides between a warning and a remark."""

from __future__ import annotations

import re

import libcst as cst

from verifier.checks.registry import Parsed
from verifier.costs.data import is_data, of_data
from verifier.costs.extents import goes_far, size, turns
from verifier.costs.loops.whiles import walks
from verifier.costs.model import Costs, Repeat, Size, text_of
from verifier.costs.natures import few_by_nature, many_by_nature
from verifier.costs.objects.filling import filled
from verifier.costs.repeats import levels
from verifier.model import Severity
from verifier.semantics.fields import descend
from verifier.semantics.model import Loop, Scope

_TESTS = re.compile(r"(^|/)(tests?|testing)/|(^|/)(test_[^/]*|[^/]*_test|conftest)\.py$")


def graded(
    parsed: Parsed,
    costs: Costs,
    repeat: Repeat,
    container: cst.BaseExpression,
    scope: Scope,
    order: int,
    *loops: Loop | None,
    few: bool | None = None,
) -> Severity | None:
    """The rule's own severity (None) where the input decides how long it takes, else info.

    What is cubic is slow for a few hundred elements already: no name need say that there are many.

    It is info in tests, where nobody knows how often the loop turns or how long the container gets, and where a name
    says that there are few of them; `few` is given where the code says more than the names.
    """
    got = filled(costs, container, scope, order)
    grows = repeat.extent.grows and (got is None or got.grows)
    if few is None:
        text = text_of(costs, container)
        constant = text.isupper() and text in costs.growing  # written as a constant, but filled by somebody
        few = (not constant and few_by_nature(text)) or called_few(costs, repeat.loop, *loops)
    many = repeat.extent.size is Size.OUTSIDE or called_many(costs, container, repeat.loop, *loops)
    many = many or is_cubic(costs, repeat, container, scope, order, *loops)
    return None if grows and many and not few and not in_tests(parsed) else Severity.INFO


def called_many(costs: Costs, container: cst.BaseExpression, *loops: Loop | None) -> bool:
    """Whether a container, or what a loop goes through, has a name of what data consists of."""
    iterables = [loop.iterable for loop in loops if loop is not None and loop.iterable is not None]
    targets = [loop.target for loop in loops if loop is not None and loop.target is not None]
    return any(many_by_nature(text_of(costs, each)) for each in (container, *iterables, *targets))


def called_few(costs: Costs, *loops: Loop | None) -> bool:
    """Whether what a loop goes through, or its variable, has a name of which there are few."""
    named = [each for loop in loops if loop is not None for each in (loop.target, loop.iterable) if each is not None]
    return any(few_by_nature(text_of(costs, each)) for each in named)


def graded_search(
    parsed: Parsed,
    costs: Costs,
    repeat: Repeat,
    container: cst.BaseExpression,
    scope: Scope,
    order: int,
    *loops: Loop | None,
    few: bool | None = None,
) -> Severity | None:
    """As `graded`, and info too for a few plain values handed in: a list of them is as fast to search as a set."""
    data = any(of_data(costs, each) for each in (repeat.loop, *loops) if each is not None)
    data = data or is_data(costs, container, scope, order) or is_cubic(costs, repeat, container, scope, order, *loops)
    return graded(parsed, costs, repeat, container, scope, order, *loops, few=few) if data else Severity.INFO


def is_cubic(
    costs: Costs, repeat: Repeat, container: cst.BaseExpression, scope: Scope, order: int, *loops: Loop | None
) -> bool:
    """Whether a search in a container that grows stands in two nested loops, each of which goes as far as the input.

    The innermost loop around it comes first. Loops of few turns, or that together are one pass, count for nothing, and
    so does the loop that searches itself. A list that the loop empties is as long as what waits, not as the input.
    """
    if not loops or loops[0] is None or not size(costs, container, scope, order).grows:
        return False
    text = text_of(costs, container)
    if few_by_nature(text) or (repeat.loop.kind == "while" and repeat.extent.of == text and text in costs.shrinking):
        return False
    around = [
        each
        for each in levels(costs, loops[0])
        if each.within(repeat.loop)
        and not called_few(costs, each)
        and not (each.iterable is not None and any(node is container for node in descend(each.iterable)))
    ]
    whole = {turns(costs, each).of for each in around if goes_far(costs, each)}
    far = [
        each
        for each in around
        if goes_far(costs, each)
        or walks(costs, each)
        or (each.iterable is not None and text_of(costs, each.iterable) in whole)
    ]
    return len(far) > 1


def certain(
    parsed: Parsed, costs: Costs, repeat: Repeat, container: cst.BaseExpression, scope: Scope, order: int
) -> Severity | None:
    """The rule's own severity for what is slow by the way it is done, as far as no name says that there are few.

    Where nobody says how often the loop turns, the container must be one that the function got.
    """
    if few_by_nature(text_of(costs, container)) or called_few(costs, repeat.loop) or in_tests(parsed):
        return Severity.INFO
    got = filled(costs, container, scope, order)
    long = size(costs, container, scope, order).grows and (got is None or got.grows)
    return None if long and repeat.extent.size >= Size.UNKNOWN and repeat.via is None else Severity.INFO


def in_tests(parsed: Parsed) -> bool:
    """Whether a file is a test or lies among tests, by its path."""
    return _TESTS.search(parsed.source.path) is not None
