"""Frames, arrays and tensors that are copied whole to make them a little longer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from verifier.checks.cost_rules.frames.growth_fix import collected
from verifier.checks.cost_rules.grading import in_tests
from verifier.checks.cost_rules.reporting import CostRules, costly
from verifier.checks.registry import Parsed, code_of
from verifier.costs.extents import turns
from verifier.costs.frames.evidence import Kind
from verifier.costs.frames.known import Frames, kind, open_frames
from verifier.costs.frames.rows import kinds_of_things
from verifier.costs.layout import Layout, ends, lay_out
from verifier.costs.model import Costs, Repeat, Size, text_of
from verifier.costs.objects.growing import remade, used_up
from verifier.costs.repeats import around, repeated
from verifier.model import Finding, Fix, Rule, Severity
from verifier.semantics.guards import dotted
from verifier.semantics.model import BindingKind, Call, Loop, Use
from verifier.semantics.names import qualify, reaching

_FRAME, _ARRAY, _TENSOR = Kind.FRAME.value, Kind.ARRAY.value, "torch.Tensor"
_JOINING = {
    "pandas.concat": _FRAME,
    "numpy.append": _ARRAY,
    "numpy.concatenate": _ARRAY,
    "numpy.vstack": _ARRAY,
    "numpy.hstack": _ARRAY,
    "numpy.column_stack": _ARRAY,
    "numpy.row_stack": _ARRAY,
    "numpy.insert": _ARRAY,
    "jax.numpy.concatenate": "jax.Array",
    "jax.numpy.append": "jax.Array",
    "torch.cat": _TENSOR,
    "torch.concat": _TENSOR,
    "torch.vstack": _TENSOR,
    "torch.hstack": _TENSOR,
    "tensorflow.concat": "tensorflow.Tensor",
}
"""Calls that copy all of their parts into something new, with its class."""
_LISTS = frozenset(path for path in _JOINING if not path.endswith((".append", ".insert")))
"""Those that take a list of parts."""


_Key = tuple[int, int, str]
"""A loop, a function and the text of what grows there."""


@dataclass(frozen=True, slots=True)
class _Grown:
    """What an assignment makes longer, of which class, and whether by columns, of which there are seldom many."""

    target: cst.BaseExpression
    kind: str
    sideways: bool = False


def growth(parsed: Parsed, costs: Costs, rule: Rule) -> Iterator[Finding]:
    """`df = pd.concat([df, part])`, `a = np.append(a, x)`, `df.loc[len(df)] = row` in a loop."""
    frames = open_frames(costs)
    if frames is None or in_tests(parsed):
        return
    layout: Layout | None = None
    seen: set[_Key] = set()
    for name in sorted({path.rsplit(".", 1)[-1] for path in _JOINING} | {"_append"}):
        for call in costs.calls.get(name, ()):
            grown = _grown(frames, call)
            if grown is None:
                continue
            layout = layout or lay_out(costs.facts.tree)
            if ends(layout, call.statement) or _met(grown.target, call, seen):
                continue
            repeat = _repeat(costs, grown.target, call)
            if repeat is not None:
                fix = collected(parsed, costs, layout, call, repeat.loop)
                yield _found(parsed, costs, rule, call, call.statement, repeat, grown, fix)
    yield from _enlarged(parsed, frames, rule, layout, seen)


def _found(
    parsed: Parsed,
    costs: Costs,
    rule: Rule,
    at: Call | Use,
    where: cst.CSTNode,
    repeat: Repeat,
    grown: _Grown,
    fix: Fix | None = None,
) -> Finding:
    text = code_of(parsed, grown.target)
    loop = repeat.loop
    petty = grown.sideways or not repeat.extent.grows or loop.kind == "while" or kinds_of_things(costs, loop)
    return costly(
        rule,
        parsed,
        where,
        repeat,
        evidence={"class": grown.kind, "container": text},
        severity=Severity.INFO if petty or used_up(costs, grown.target, at.scope, at.order, loop) else None,
        fix=fix,
        name=text,
    )


def _grown(frames: Frames, call: Call) -> _Grown | None:
    """What a call's statement makes longer, None where it does something else."""
    match call.statement:
        case cst.Assign(targets=[cst.AssignTarget(target=target)], value=value):
            pass
        case _:
            return None
    text = dotted(target)
    if text is None or (value is not call.node and not _tidied(value, call.node)):
        return None
    paths = qualify(frames.costs.facts, call.node.func, call.scope, call.order)
    if len(paths) == 1 and paths[0] in _JOINING and call.node.args:
        first = call.node.args[0].value
        parts = [each.value for each in first.elements] if isinstance(first, cst.List | cst.Tuple) else []
        if paths[0] not in _LISTS:
            parts = [first]
        if not any(dotted(each) == text for each in parts) or (len(parts) < 2 and paths[0] in _LISTS):
            return None
        return _Grown(target, _JOINING[paths[0]], _sideways(call.node, paths[0]))
    match call.node.func:
        case cst.Attribute(value=value, attr=cst.Name(value="append" | "_append")) if dotted(value) == text:
            known = kind(frames, value, call.scope, call.order)
            if known in {Kind.FRAME, Kind.SERIES} or _keyword(call.node, "ignore_index") is not None:
                return _Grown(target, known or Kind.FRAME)
    return None


def _tidied(value: cst.BaseExpression, call: cst.Call) -> bool:
    """`pd.concat(…).reset_index(drop=True)`: the call with methods behind it that leave all rows."""
    while isinstance(value, cst.Call) and isinstance(value.func, cst.Attribute):
        if value.func.attr.value not in {"reset_index", "drop_duplicates", "sort_values", "sort_index", "fillna"}:
            return False
        value = value.func.value
        if value is call:
            return True
    return False


def _sideways(call: cst.Call, path: str) -> bool:
    axis = _keyword(call, "axis") or _keyword(call, "dim")
    if axis is None and len(call.args) > 1 and path in {"torch.cat", "tensorflow.concat", "numpy.concatenate"}:
        axis = call.args[1].value
    match axis:
        case None:
            return path == "numpy.column_stack"
        case cst.Integer(value="0"):
            return False
        case cst.SimpleString(value=text):
            return "index" not in text
        case _:
            return True


def _keyword(call: cst.Call, name: str) -> cst.BaseExpression | None:
    return next((arg.value for arg in call.args if arg.keyword is not None and arg.keyword.value == name), None)


def _met(target: cst.BaseExpression, at: Call | Use, seen: set[_Key]) -> bool:
    """Whether the same thing was seen to grow in the same loop before: one finding is enough for all of it."""
    key = (id(at.loop), id(at.scope.function), dotted(target) or "")
    if key in seen:
        return True
    seen.add(key)
    return False


def _repeat(costs: Costs, target: cst.BaseExpression, at: Call | Use) -> Repeat | None:
    """The innermost loop that grows, or else repeats, a place while the thing keeps what earlier turns gave it."""
    found: Repeat | None = None
    if at.loop is None:
        return repeated(costs, target, None, at.scope, at.order) if isinstance(target, cst.Attribute) else None
    for each in around(at.loop):
        if remade(costs, target, at.scope, at.order, each):
            break
        extent = turns(costs, each)
        if extent.grows:
            return Repeat(each, extent)
        if extent.size is Size.UNKNOWN and found is None:
            found = Repeat(each, extent)
    return found


def _enlarged(parsed: Parsed, frames: Frames, rule: Rule, layout: Layout | None, seen: set[_Key]) -> Iterator[Finding]:
    """`df.loc[len(df)] = row`, and `df.loc[i] = row` where `df` began without rows: each copies the frame."""
    costs = frames.costs
    for use in costs.facts.attributes:
        match use.node, use.parent:
            case cst.Attribute(value=base, attr=cst.Name(value="loc" | "at")), cst.Subscript() as place if (
                place.value is use.node
            ):
                pass
            case _:
                continue
        if not (_at_end(costs, place, base) or (_empty(frames, base, use) and _by_turn(place, use.loop))):
            continue
        layout = layout or lay_out(costs.facts.tree)
        statement = layout.stores.get(id(place))
        if statement is None or ends(layout, statement) or _gets_columns(costs, layout, base, use):
            continue
        if _met(base, use, seen):
            continue
        if (repeat := _repeat(costs, base, use)) is not None:
            yield _found(parsed, costs, rule, use, statement, repeat, _Grown(base, _FRAME))


def _at_end(costs: Costs, place: cst.Subscript, base: cst.BaseExpression) -> bool:
    """`[len(df)]`, `[len(df.index)]`, `[df.shape[0]]`."""
    match place.slice:
        case [cst.SubscriptElement(slice=cst.Index(value=index)), *_]:
            text, owner = text_of(costs, index), text_of(costs, base)
            return text in {f"len({owner})", f"len({owner}.index)", f"{owner}.shape[0]", f"{owner}.index.max() + 1"}
        case _:
            return False


def _empty(frames: Frames, base: cst.BaseExpression, use: Use) -> bool:
    """Whether a name's one frame is made without rows: `pd.DataFrame()`, `pd.DataFrame(columns=[…])`."""
    if not isinstance(base, cst.Name):
        return False
    bindings = reaching(frames.costs.facts, base.value, use.scope, use.order) or ()
    if len(bindings) != 1 or bindings[0].kind is not BindingKind.ASSIGNMENT:
        return False
    match bindings[0].value:
        case cst.Call(func=func, args=args):
            paths = qualify(frames.costs.facts, func, bindings[0].scope, bindings[0].order)
            given = {arg.keyword.value if arg.keyword is not None else "" for arg in args}
            return paths == ("pandas.DataFrame",) and given <= {"columns", "dtype"}
        case _:
            return False


def _gets_columns(costs: Costs, layout: Layout, base: cst.BaseExpression, use: Use) -> bool:
    """Whether whole columns are put into a frame, and with them rows: `df["price"] = prices`."""
    return any(
        id(each.parent) in layout.stores
        and isinstance(base, cst.Name)
        and isinstance(each.node, cst.Name)
        and each.node.value == base.value
        and each.scope.function is use.scope.function
        for each in costs.facts.names
    )


def _by_turn(place: cst.Subscript, loop: Loop | None) -> bool:
    """Whether the row's label is bound by the loop, so that each turn adds a row."""
    first = place.slice[0].slice
    if loop is None or not isinstance(first, cst.Index) or not isinstance(first.value, cst.Name):
        return False
    bindings = loop.scope.bindings.get(first.value.value, ())
    return any(each.loop is not None and each.loop.within(loop) for each in bindings)


RULES: CostRules = {"frame-grown-in-loop": growth}
