"""The fix for a frame that is grown part by part: a list of the parts, and one concatenation behind the loop."""

from __future__ import annotations

import libcst as cst

from verifier.checks.registry import Parsed
from verifier.checks.rewrites.common import Unfixable, code, places, put, range_of
from verifier.costs.layout import Layout
from verifier.costs.model import Costs
from verifier.costs.objects.growing import between
from verifier.model import Fix
from verifier.semantics.model import BindingKind, Call, Loop
from verifier.semantics.names import qualify, visible


def collected(parsed: Parsed, costs: Costs, layout: Layout, call: Call, loop: Loop) -> Fix | None:
    """`parts = [df]`, `parts.append(part)` in the loop and `df = pd.concat(parts)` behind it; or None.

    It is sure where the loop's own block sets the name to a frame before the loop, and nothing else in between and in
    the loop reads it.
    """
    try:
        return _collected(parsed, costs, layout, call, loop)
    except Unfixable:
        return None


def _collected(parsed: Parsed, costs: Costs, layout: Layout, call: Call, loop: Loop) -> Fix | None:
    match call.statement, call.node.args:
        case (
            cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))], value=value),
            [cst.Arg(value=cst.List(elements=[cst.Element(value=first), cst.Element(value=part)]) as parts), *rest],
        ) if value is call.node and isinstance(first, cst.Name) and first.value == name:
            pass
        case _:
            return None
    if qualify(costs.facts, call.node.func, call.scope, call.order) != ("pandas.concat",):
        return None
    if any(arg.keyword is None or arg.keyword.value == "keys" for arg in rest) or isinstance(part, cst.StarredElement):
        return None
    found = visible(costs.facts, name, call.scope)
    collection = f"{name}_parts"
    if found is None or found[0] is not call.scope or visible(costs.facts, collection, call.scope) is not None:
        return None
    bindings = [each for each in found[1] if each.order < loop.order]
    inside = [each for each in found[1] if loop.order < each.order <= loop.end]
    if not bindings or bindings[-1].kind is not BindingKind.ASSIGNMENT or len(inside) != 1 or loop.parent is not None:
        return None
    made = bindings[-1]
    block = layout.blocks.get(id(loop.node))
    start = next(
        (each for each in block or () if isinstance(each, cst.SimpleStatementLine) and _sets(each, name, made.value)),
        None,
    )
    reads = [
        use
        for use in between(costs.facts.names, made.order, loop.end)
        if isinstance(use.node, cst.Name) and use.node.value == name
    ]
    if block is None or start is None or made.value is None or len(reads) != 1 or not isinstance(loop.node, cst.For):
        return None
    if id(call.statement) not in layout.blocks or loop.node.orelse is not None:
        return None
    newline = parsed.facts.tree.default_newline
    first_offset, last = range_of(parsed, loop.node)
    indent = parsed.text[places(parsed).line_start(first_offset) : first_offset]
    end = places(parsed).line_end(last - 1)
    if indent.strip() or not parsed.text[:end].endswith(("\n", "\r")):
        return None
    low, high = range_of(parsed, parts)
    whole_low, whole_high = range_of(parsed, call.node)
    joined = parsed.text[whole_low:low] + collection + parsed.text[high:whole_high]
    edits = (
        put(parsed, *range_of(parsed, start.body[0]), f"{collection} = [{code(parsed, made.value)}]"),
        put(parsed, *range_of(parsed, call.statement), f"{collection}.append({code(parsed, part)})"),
        put(parsed, end, end, f"{indent}{name} = {joined}{newline}"),
    )
    return Fix(f"collect the parts in `{collection}` and concatenate once", edits, safe=False)


def _sets(line: cst.SimpleStatementLine, name: str, value: cst.BaseExpression | None) -> bool:
    match line.body:
        case [cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=target))], value=given)]:
            return target == name and given is value
        case _:
            return False
