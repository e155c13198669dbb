"""Fixes of values that are copied to grow: a list of pieces joined after the loop, a container extended in place."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from verifier.checks.registry import Parsed
from verifier.checks.rewrites.common import Unfixable, code, is_tight, places, put, range_of, whole_range
from verifier.costs.model import Costs, Done
from verifier.costs.objects.doings import doings
from verifier.costs.objects.grown import Form, Grown, form_of
from verifier.costs.objects.paths import owner_of
from verifier.costs.repeats import around
from verifier.model import Edit, Fix
from verifier.semantics.guards import dotted
from verifier.semantics.model import BindingKind, Loop
from verifier.semantics.names import visible

_FRESH = frozenset({"list", "dict", "set", "sorted", "defaultdict"})


def joined(parsed: Parsed, costs: Costs, grown: Grown) -> Fix | None:
    """A list of pieces in place of a string, joined after the loop; None where another statement needs the string."""
    try:
        edits = tuple(_joined(parsed, costs, grown))
    except Unfixable:
        return None
    return Fix(
        f"Collect the pieces of `{grown.binding.name}` in a list and join them after the loop", edits, safe=False
    )


def _joined(parsed: Parsed, costs: Costs, grown: Grown) -> Iterator[Edit]:
    name = grown.binding.name
    if not isinstance(grown.target, cst.Name):
        raise Unfixable("an attribute may be read anywhere")
    begin, loop = _begin(costs, grown)
    steps = list(_steps(costs, grown, loop))
    _must_be_unread(costs, grown, [begin, loop.node], [each.statement for each in steps])
    pieces = f"{name}_parts"
    if visible(parsed.facts, pieces, grown.binding.scope) is not None:
        raise Unfixable(f"{pieces} is bound already")
    empty = isinstance(begin.value, cst.SimpleString) and not begin.value.evaluated_value
    start, end = range_of(parsed, begin)
    yield put(parsed, start, end, f"{pieces} = []" if empty else f"{pieces} = [{code(parsed, begin.value)}]")
    for each in steps:
        yield from _appended(parsed, each, pieces)
    start, end = range_of(parsed, loop.node)
    at = places(parsed)
    place = at.line_end(max(end - 1, 0))
    rest = parsed.text[end:place].strip()
    if not parsed.text[:place].endswith("\n") or (rest and not rest.startswith("#")):
        raise Unfixable("there is no line behind the loop")
    indent = parsed.text[at.line_start(start) : start]
    backwards = grown.form is Form.BEFORE
    empty_text = 'b""' if isinstance(begin.value, cst.SimpleString) and "b" in begin.value.prefix.lower() else '""'
    order = f"reversed({pieces})" if backwards else pieces
    yield at.edit(place, place, f"{indent}{name} = {empty_text}.join({order}){parsed.facts.tree.default_newline}")


def _begin(costs: Costs, grown: Grown) -> tuple[cst.Assign, Loop]:
    """The assignment of a literal before a loop in the same block, and that loop; raises Unfixable."""
    known = doings(costs)
    for loop in around(grown.binding.loop):
        block = known.blocks.get(id(loop.node))
        if block is None:
            raise Unfixable("the loop is a comprehension")
        body, index = block
        for line in reversed(body[max(0, index - 8) : index]):
            small = line.body[0] if isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1 else None
            match small:
                case cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=target))], value=value) if (
                    target == grown.binding.name
                ):
                    if isinstance(value, cst.SimpleString | cst.FormattedString):
                        return small, loop
                    raise Unfixable("nobody knows what the string begins with")
                case _:
                    pass
    raise Unfixable("the string does not begin right before the loop")


def _steps(costs: Costs, grown: Grown, loop: Loop) -> Iterator[Grown]:
    """Every statement of a loop that binds the name, if all of them add at the same end; raises Unfixable."""
    backwards = grown.form is Form.BEFORE
    for each in grown.binding.scope.bindings[grown.binding.name]:
        if each.loop is None or not each.loop.within(loop):
            continue
        form = Form.AUGMENTED if each.kind is BindingKind.AUGMENTED else form_of(each)
        statement = each.node if isinstance(each.node, cst.AugAssign) else doings(costs).statements.get(id(each.value))
        if form is None or (form is Form.BEFORE) != backwards or statement is None or each.value is None:
            raise Unfixable("another statement of the loop binds the string")
        if isinstance(statement, cst.AugAssign) and not isinstance(statement.operator, cst.AddAssign):
            raise Unfixable("it is not added to")
        yield Grown(grown.target, statement, each, form, each.value)


def _must_be_unread(
    costs: Costs, grown: Grown, between: list[cst.Assign | cst.CSTNode], steps: list[cst.BaseSmallStatement]
) -> None:
    """Raises Unfixable where a name is read from its beginning to the end of the loop but once in each step."""
    known = doings(costs)
    name, scope = grown.binding.name, grown.binding.scope
    first, last = known.spans[id(between[0])][0], known.spans[id(between[1])][1]
    inside = [known.spans[id(each)] for each in steps]
    counts = [0] * len(inside)
    for place, function in known.reads.get((owner_of(costs, name, scope), name), ()):
        if function != id(scope.function):
            raise Unfixable("another function reads it")
        if not first < place <= last:
            continue
        at = next((index for index, span in enumerate(inside) if span[0] <= place <= span[1]), None)
        if at is None or counts[at]:
            raise Unfixable("it is read before it is whole")
        counts[at] = 1


def _appended(parsed: Parsed, step: Grown, pieces: str) -> Iterator[Edit]:
    """The edits that make `pieces.append(part)` of one step."""
    start, end = range_of(parsed, step.statement)
    part_start, part_end = _part(parsed, step)
    yield put(parsed, start, part_start, f"{pieces}.append(")
    if step.form is Form.FORMATTED and isinstance(step.value, cst.FormattedString):
        yield put(parsed, *range_of(parsed, step.value.parts[0]), "")
    yield put(parsed, part_end, end, ")")


def _part(parsed: Parsed, step: Grown) -> tuple[int, int]:
    """The offsets of what a step adds; raises Unfixable where it stands in several places."""
    value = step.value
    if value.lpar and step.form is not Form.AUGMENTED:
        raise Unfixable("the sum stands in parentheses")
    match step.form, value:
        case Form.AUGMENTED, _ if not isinstance(value, cst.Yield | cst.NamedExpr | cst.Tuple):
            return whole_range(parsed, value)
        case Form.BEHIND | Form.CHAINED, cst.BinaryOperation():
            here: cst.BaseExpression = value
            part: cst.BaseExpression = value.right
            while isinstance(here, cst.BinaryOperation) and (here is value or not here.lpar):
                part, here = here.right, here.left
            return whole_range(parsed, part)[0], range_of(parsed, step.statement)[1]
        case Form.BEFORE, cst.BinaryOperation(left=left, right=right) if dotted(right) == step.binding.name:
            return whole_range(parsed, left)
        case Form.FORMATTED, cst.FormattedString(parts=[cst.FormattedStringExpression(expression=first), *_]) if (
            dotted(first) == step.binding.name
        ):
            return range_of(parsed, value)
        case _:
            raise Unfixable("the string does not stand at an end")


def extended_in_place(parsed: Parsed, costs: Costs, grown: Grown, kind: str) -> Fix | None:
    """`x.append(y)` for `x = x + [y]` and its like, where nothing else can hold the container; else None."""
    name = grown.binding.name
    try:
        text = _in_place(parsed, grown, kind)
        if text is None or not _alone(costs, grown):
            return None
        edits = (put(parsed, *range_of(parsed, grown.statement), text),)
    except Unfixable:
        return None
    return Fix(f"Extend `{name}` in place", edits, safe=False)


def _in_place(parsed: Parsed, grown: Grown, kind: str) -> str | None:
    name = grown.binding.name
    match grown.value:
        case cst.BinaryOperation(operator=cst.Add(), right=cst.List(elements=[cst.Element(value=value)])) if (
            kind == "list" and grown.form is Form.BEHIND
        ):
            return f"{name}.append({code(parsed, value)})"
        case cst.BinaryOperation(operator=operator, left=left, right=right) if dotted(left) == name and kind != "tuple":
            if grown.form in {Form.BEHIND, Form.UNION} and (is_tight(right) or isinstance(right, cst.BinaryOperation)):
                return f"{name} {'+' if isinstance(operator, cst.Add) else '|'}= {code(parsed, right)}"
            return None
        case cst.List(elements=[cst.StarredElement(value=first), cst.Element(value=value)]) if dotted(first) == name:
            return f"{name}.append({code(parsed, value)})"
        case cst.Set(elements=[cst.StarredElement(value=first), cst.Element(value=value)]) if dotted(first) == name:
            return f"{name}.add({code(parsed, value)})"
        case cst.Dict(elements=[cst.StarredDictElement(value=first), cst.DictElement(key=key, value=value)]) if (
            dotted(first) == name
        ):
            return f"{name}[{code(parsed, key)}] = {code(parsed, value)}"
        case _:
            return None


def _alone(costs: Costs, grown: Grown) -> bool:
    """Whether a container was made by the function itself and handed to nobody before."""
    scope, name = grown.binding.scope, grown.binding.name
    for each in scope.bindings[name]:
        match each.value:
            case _ if each.kind is BindingKind.AUGMENTED or form_of(each) is not None:
                pass
            case cst.List() | cst.Dict() | cst.Set() | cst.ListComp() | cst.DictComp() | cst.SetComp():
                pass
            case cst.Call(func=cst.Name(value=called)) if called in _FRESH:
                pass
            case _:
                return False
    last = doings(costs).spans[id(grown.statement)][1]
    found = doings(costs).done.get((owner_of(costs, name, scope), name), ())
    return not any(each.done in {Done.KEPT, Done.PASSED} and each.place < last for each in found)
