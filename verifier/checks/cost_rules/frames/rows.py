"""Loops over the rows of a frame that do what an expression on its columns does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import libcst as cst

from verifier.checks.cost_rules.grading import in_tests
from verifier.checks.cost_rules.reporting import CostRules, costly
from verifier.checks.registry import Parsed, code_of
from verifier.costs.elements import measures
from verifier.costs.extents import turns
from verifier.costs.frames.evidence import Kind, column_of
from verifier.costs.frames.known import Frames, grouped, kind, open_frames
from verifier.costs.frames.rows import few
from verifier.costs.frames.turn import columns, works
from verifier.costs.frames.vectors import At
from verifier.costs.loops.following import follower
from verifier.costs.model import Costs, Repeat
from verifier.model import Finding, Rule, Severity
from verifier.semantics.model import Loop

_BY_LABEL = frozenset({"loc", "iloc", "at", "iat"})
OTHER = " of another row"
"""What is added to the name of a column that is read at the row before or behind."""


def iterated(parsed: Parsed, costs: Costs, rule: Rule) -> Iterator[Finding]:
    """`for _, row in df.iterrows()` and `for i in range(len(df))` whose turns only work on values of the row."""
    frames = open_frames(costs)
    if frames is None or in_tests(parsed):
        return
    follow = follower(costs)
    for loop in costs.facts.loops:
        found = row_loop(frames, loop)
        if found is None:
            continue
        frame, reads = found
        extent = turns(costs, loop)
        turn = works(_body(loop), At(costs, loop.scope, loop.order, reads, follow))
        if turn is None or few(frames, frame, loop.scope, loop.order) or grouped(frame):
            continue
        yield costly(
            rule,
            parsed,
            loop.iterable or loop.node,
            Repeat(loop, extent),
            evidence={"frame": code_of(parsed, frame), "columns": columns(turn)},
            severity=None if extent.grows else Severity.INFO,
            frame=code_of(parsed, frame),
        )


_APPEND = cst.Attribute(cst.Name("_"), cst.Name("append"))


def _body(loop: Loop) -> Sequence[cst.BaseStatement | cst.BaseSmallStatement]:
    """The statements of a turn; of a comprehension, its value as if it were put into a list."""
    if isinstance(loop.node, cst.For):
        return loop.node.body.body
    made = loop.scope.node
    if not isinstance(made, cst.ListComp | cst.SetComp | cst.GeneratorExp) or made.for_in is not loop.node:
        return []
    if made.for_in.inner_for_in is not None or made.for_in.ifs:
        return []
    return [cst.SimpleStatementLine([cst.Expr(cst.Call(_APPEND, [cst.Arg(made.elt)]))])]


def row_loop(
    frames: Frames, loop: Loop
) -> tuple[cst.BaseExpression, Callable[[cst.BaseExpression], str | None]] | None:
    """The frame whose rows a loop goes over, and what reads the row that it is at; None for other loops."""
    return _by_row(loop) or _by_index(frames, loop)


def _by_row(loop: Loop) -> tuple[cst.BaseExpression, Callable[[cst.BaseExpression], str | None]] | None:
    """`for index, row in df.iterrows()`: the frame, and what reads the row."""
    match loop.iterable, loop.target:
        case (
            cst.Call(func=cst.Attribute(value=frame, attr=cst.Name(value="iterrows"))),
            cst.Tuple(elements=[cst.Element(value=index), cst.Element(value=cst.Name(value=row))]),
        ):
            label = index.value if isinstance(index, cst.Name) else ""
            return frame, row_reader(row, label, frame)
        case _:
            return None


def row_reader(
    row: str, label: str = "", frame: cst.BaseExpression | None = None
) -> Callable[[cst.BaseExpression], str | None]:
    """What an expression takes from a row: `row["a"]`, `row.a`, or `df.loc[label, "a"]`."""

    def reads(node: cst.BaseExpression) -> str | None:
        match node:
            case cst.Subscript(
                value=cst.Name(value=name),
                slice=[cst.SubscriptElement(slice=cst.Index(value=cst.SimpleString() | cst.Name() as key))],
            ) if name == row:
                return key.value
            case cst.Attribute(value=cst.Name(value=name), attr=cst.Name(value=attr)) if name == row:
                return None if attr in {"name", "index", "values"} else attr
            case cst.Name(value=name) if name == label:
                return "index"
            case _:
                return cell(node, frame, label) if label and frame is not None else None

    return reads


def _by_index(
    frames: Frames, loop: Loop
) -> tuple[cst.BaseExpression, Callable[[cst.BaseExpression], str | None]] | None:
    """`for i in range(len(df))`, `for i in df.index`: the frame, and what reads its row."""
    if not isinstance(loop.target, cst.Name) or not isinstance(loop.node, cst.For):
        return None
    frame: cst.BaseExpression | None
    match loop.iterable:
        case cst.Call(func=cst.Name(value="range"), args=[*_, cst.Arg(value=stop)] as args) if len(args) < 3:
            frame = measures(frames.costs, stop, loop.scope, loop.order) or _shape(stop)
        case cst.Attribute(value=value, attr=cst.Name(value="index")):
            frame = value
        case _:
            return None
    if frame is None:
        return None
    owner = column_of(frame)
    frame = owner[0] if owner is not None else frame
    frame = frame.value if isinstance(frame, cst.Attribute) and frame.attr.value == "index" else frame
    if kind(frames, frame, loop.scope, loop.order) is not Kind.FRAME:
        return None
    label, whole = loop.target.value, frame
    return frame, lambda node: cell(node, whole, label)


def _shape(node: cst.BaseExpression) -> cst.BaseExpression | None:
    match node:
        case cst.Subscript(
            value=cst.Attribute(value=value, attr=cst.Name(value="shape")),
            slice=[cst.SubscriptElement(slice=cst.Index(value=cst.Integer(value="0")))],
        ):
            return value
        case _:
            return None


def cell(node: cst.BaseExpression, frame: cst.BaseExpression, label: str) -> str | None:
    """The column of `df.loc[i, "a"]`, `df["a"][i]`, `df["a"].iloc[i]`, `df.iloc[i]["a"]`; of another row at `i - 1`."""
    if not isinstance(node, cst.Subscript):
        return None
    keys = [each.slice.value for each in node.slice if isinstance(each.slice, cst.Index)]
    if len(keys) != len(node.slice):
        return None
    value = _plain(node.value)
    match keys:
        case [key, cst.SimpleString(value=column)] if value.deep_equals(frame):
            return _placed(column, key, label)
        case [cst.SimpleString(value=column)] if isinstance(value, cst.Subscript) and len(value.slice) == 1:
            inner = value.slice[0].slice
            if isinstance(inner, cst.Index) and _plain(value.value).deep_equals(frame) and value.value is not frame:
                return _placed(column, inner.value, label)
            return None
        case [key] if (owner := column_of(value)) is not None and owner[0].deep_equals(frame):
            return _placed(owner[1], key, label)
        case _:
            return None


def _plain(node: cst.BaseExpression) -> cst.BaseExpression:
    """`df` for `df.loc`, `df.iloc`."""
    if isinstance(node, cst.Attribute) and node.attr.value in _BY_LABEL:
        return node.value
    return node


def _placed(column: str, key: cst.BaseExpression, label: str) -> str | None:
    match key:
        case cst.Name(value=name) if name == label:
            return column
        case cst.BinaryOperation(
            left=cst.Name(value=name), operator=cst.Add() | cst.Subtract(), right=cst.Integer()
        ) if name == label:
            return column + OTHER
        case _:
            return None


RULES: CostRules = {"frame-iterated-by-row": iterated}
