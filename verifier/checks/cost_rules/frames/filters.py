"""Frames that are searched or summed up as a whole on every turn of a loop."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import libcst as cst

from verifier.checks.cost_rules.frames.rows import row_loop
from verifier.checks.cost_rules.grading import in_tests
from verifier.checks.cost_rules.reporting import CostRules, costly
from verifier.checks.registry import Parsed, code_of, finding
from verifier.costs.extents import turns
from verifier.costs.frames.evidence import Kind, column_of
from verifier.costs.frames.known import Frames, kind, open_frames
from verifier.costs.frames.rows import few
from verifier.costs.model import Costs, Repeat
from verifier.costs.repeats import around, repeated
from verifier.model import Finding, Related, Rule, Severity
from verifier.semantics.fields import descend
from verifier.semantics.guards import dotted
from verifier.semantics.model import BindingKind, Call, Loop, ScopeKind, Use

_SUMS = ("sum", "mean", "max", "min", "std", "var", "median", "unique", "nunique", "value_counts", "tolist", "quantile")
_ORDERED = (cst.LessThan, cst.LessThanEqual, cst.GreaterThan, cst.GreaterThanEqual)


@dataclass(frozen=True, slots=True)
class _Asked:
    """An expression that goes through all rows of a frame, and the names that it depends on besides."""

    node: cst.BaseExpression
    frame: cst.BaseExpression
    names: frozenset[str]
    at: Use | Call


def filtered(parsed: Parsed, costs: Costs, rule: Rule) -> Iterator[Finding]:
    """`df[df["id"] == key]` for each key, and `df["a"].sum()` for each row."""
    frames = open_frames(costs)
    if frames is None or in_tests(parsed):
        return
    functions = {
        id(arg.value): call
        for name in ("apply", "map")
        for call in costs.calls.get(name, ())
        for arg in call.node.args[:1]
        if isinstance(arg.value, cst.Lambda)
    }
    seen: set[tuple[int, str]] = set()
    for asked in (*_searches(frames), *_sums(frames), *_sums_in_lambdas(frames, functions)):
        if few(frames, asked.frame, asked.at.scope, asked.at.order):
            continue
        by = _lambda_call(asked, functions)
        repeat = None if by is not None else _repeat(frames, asked)
        key = (id(repeat.loop if repeat is not None else by), dotted(asked.frame) or "")
        if (by is None and repeat is None) or key in seen:
            continue
        seen.add(key)
        frame, what = code_of(parsed, asked.frame), code_of(parsed, asked.node)
        if repeat is not None:
            by_column = (repeat.extent.of or "").endswith(".columns")  # as much work as the frame has cells
            least = None if repeat.extent.grows and not by_column else Severity.INFO
            yield costly(
                rule, parsed, asked.node, repeat, evidence={"frame": frame}, severity=least, frame=frame, what=what
            )
        elif by is not None:
            where = Related(parsed.source.path, parsed.positions.span(by.node.func), "the call that repeats it")
            made = finding(
                rule, parsed, asked.node, evidence={"frame": frame}, frame=frame, what=what, turns="its rows"
            )
            yield replace(made, related=(where,))


def _searches(frames: Frames) -> Iterator[_Asked]:
    """`df["id"] == key` and `df.query(f"id == {key}")`."""
    costs = frames.costs
    for use in costs.facts.comparisons:
        match use.node:
            case cst.Comparison(left=left, comparisons=[cst.ComparisonTarget(operator=operator, comparator=right)]):
                owner = column_of(left) or _attribute(left)
            case _:
                continue
        if owner is None or not isinstance(operator, cst.Equal | cst.LessThan | cst.LessThanEqual | cst.GreaterThan):
            continue
        names = _names(right)
        if use.loop is None and use.scope.function is None:
            continue
        frame = owner[0]
        if not names or dotted(frame) is None or kind(frames, frame, use.scope, use.order) is not Kind.FRAME:
            continue
        if isinstance(operator, cst.Equal) or _own_row(frames, use.loop, frame) is not None:
            yield _Asked(use.node, frame, names, use)
    for call in costs.calls.get("query", ()):
        match call.node:
            case cst.Call(func=cst.Attribute(value=frame), args=[cst.Arg(value=text), *_]) if (
                dotted(frame) is not None and kind(frames, frame, call.scope, call.order) is Kind.FRAME
            ):
                names = _names(text) | _quoted(text)
                if names:
                    yield _Asked(call.node, frame, names, call)
            case _:
                pass


def _attribute(node: cst.BaseExpression) -> tuple[cst.BaseExpression, str] | None:
    """`df.id` as a column."""
    return (node.value, node.attr.value) if isinstance(node, cst.Attribute) else None


def _names(node: cst.BaseExpression) -> frozenset[str]:
    return frozenset(each.value for each in descend(node) if isinstance(each, cst.Name))


def _quoted(node: cst.BaseExpression) -> frozenset[str]:
    """The names in `"id == @key"`."""
    if not isinstance(node, cst.SimpleString) or not isinstance(text := node.evaluated_value, str):
        return frozenset()
    return frozenset(word[1:] for word in text.replace("(", " ").replace(")", " ").split() if word.startswith("@"))


def _sums(frames: Frames) -> Iterator[_Asked]:
    """`df["a"].sum()` in a loop over the rows of `df`, which leaves `df` as it is."""
    changed: dict[int, bool] = {}
    for name in _SUMS:
        for call in frames.costs.calls.get(name, ()):
            match call.node.func:
                case cst.Attribute(value=column) if (owner := column_of(column)) is not None and call.loop is not None:
                    pass
                case _:
                    continue
            loop = _own_row(frames, call.loop, owner[0])
            if loop is None:
                continue
            if id(loop) not in changed:
                changed[id(loop)] = any(
                    _stores(node, owner[0])
                    for node in descend(loop.node)
                    if isinstance(node, cst.Assign | cst.AugAssign)
                )
            if not changed[id(loop)]:
                yield _Asked(call.node, owner[0], frozenset(), call)


def _sums_in_lambdas(frames: Frames, functions: dict[int, Call]) -> Iterator[_Asked]:
    """`df.apply(lambda row: row["a"] / df["a"].sum(), axis=1)`."""
    for name in _SUMS:
        for call in frames.costs.calls.get(name, ()):
            function = call.scope.function
            by = functions.get(id(function.node)) if function is not None else None
            match call.node.func:
                case cst.Attribute(value=column) if (owner := column_of(column)) is not None and by is not None:
                    receiver = by.node.func.value if isinstance(by.node.func, cst.Attribute) else by.node.func
                    whole = column_of(receiver)
                    if (whole[0] if whole is not None else receiver).deep_equals(owner[0]) and function is not None:
                        yield _Asked(call.node, owner[0], frozenset(function.bindings), call)
                case _:
                    pass


def _own_row(frames: Frames, loop: Loop | None, frame: cst.BaseExpression) -> Loop | None:
    """The loop around a place that goes over the rows of the same frame."""
    for each in around(loop):
        found = row_loop(frames, each)
        if found is not None and found[0].deep_equals(frame):
            return each
    return None


def _stores(node: cst.Assign | cst.AugAssign, frame: cst.BaseExpression) -> bool:
    """Whether an assignment sets a part of a frame."""
    targets = [each.target for each in node.targets] if isinstance(node, cst.Assign) else [node.target]
    return any(
        isinstance(each, cst.Subscript) and dotted(frame) in {dotted(one) for one in _owners(each)} for each in targets
    )


def _owners(node: cst.BaseExpression) -> Iterator[cst.BaseExpression]:
    while isinstance(node, cst.Subscript | cst.Attribute):
        node = node.value
        yield node


def _lambda_call(asked: _Asked, functions: dict[int, Call]) -> Call | None:
    """The `apply` or `map` that calls the lambda in which a frame from outside is searched for its argument."""
    scope = asked.at.scope.function
    if scope is None or scope.kind is not ScopeKind.LAMBDA or id(scope.node) not in functions:
        return None
    own = {name for name, found in scope.bindings.items() if any(each.kind is BindingKind.PARAMETER for each in found)}
    searched = bool(own & asked.names) and (dotted(asked.frame) or "").partition(".")[0] not in own
    return functions[id(scope.node)] if searched else None


def _repeat(frames: Frames, asked: _Asked) -> Repeat | None:
    """The loop whose turns ask for something else each time, while the frame stays as it is."""
    costs, at = frames.costs, asked.at
    living = repeated(costs, asked.frame, at.loop, at.scope, at.order)
    if living is None:
        return None
    if living.via is not None:
        varies = any(_binds(living.loop, _names(arg.value)) for arg in living.via.node.args)
        parameters = {name for name, found in at.scope.bindings.items() if found[0].kind is BindingKind.PARAMETER}
        return living if varies and asked.names & parameters else None
    if not asked.names:
        loop = _own_row(frames, at.loop, asked.frame)
        return Repeat(loop, turns(costs, loop)) if loop is not None and loop.within(living.loop) else None
    for each in around(at.loop):
        if each.kind != "while" and _binds(each, asked.names):
            return Repeat(each, turns(costs, each)) if each.within(living.loop) else None
    return None


def _binds(loop: Loop, names: frozenset[str]) -> bool:
    """Whether a loop binds one of the names anew on each turn."""
    return any(
        each.loop is not None and each.loop.within(loop) for name in names for each in loop.scope.bindings.get(name, ())
    )


RULES: CostRules = {"frame-filtered-in-loop": filtered}
