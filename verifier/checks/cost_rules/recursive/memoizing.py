"""The fix of a recursion that forgets its results: `functools.cache` above it."""

from __future__ import annotations

from dataclasses import replace

import libcst as cst

from verifier.checks.registry import Parsed
from verifier.checks.rewrites.common import Unfixable, places, range_of
from verifier.checks.rewrites.insertion import inserted
from verifier.checks.rewrites.names import is_free
from verifier.costs.recursion.calls import Recursion, Step
from verifier.model import Fix
from verifier.semantics.fields import descend
from verifier.semantics.model import BindingKind, ScopeKind

_NUMBERS = frozenset({Step.UP, Step.DOWN, Step.LESS, Step.FIXED, Step.WITHIN})


def decorated(each: Recursion) -> bool:
    """Whether a decorator may remember results; `@staticmethod` does not."""
    plain = {"staticmethod", "classmethod", "override"}
    return any(
        not isinstance(one.decorator, cst.Name) or one.decorator.value not in plain for one in each.node.decorators
    )


def memoized(parsed: Parsed, each: Recursion) -> Fix | None:
    """The decorator and its import, where all parameters are numbers and the result is too; None elsewhere."""
    if each.node.decorators or each.scope.parent is None or each.scope.parent.kind is ScopeKind.CLASS:
        return None
    if not all(_hashable(parsed, each, name) for name in each.parameters) or not each.parameters:
        return None
    bound = parsed.facts.module.bindings.get("functools", [])
    try:
        imported = bool(bound) and all(one.kind is BindingKind.IMPORT and one.path == "functools" for one in bound)
        edits = [] if imported else [inserted(parsed, "import functools", "functools")]
        if not imported and not is_free(parsed, "functools"):
            return None
        start, _ = range_of(parsed, each.node)
    except Unfixable:
        return None
    at = places(parsed)
    line = at.line_start(start)
    indent = parsed.text[line:start]
    if indent.strip():
        return None
    newline = parsed.facts.tree.default_newline
    above = at.edit(start, start, f"@functools.cache{newline}{indent}")
    if edits and edits[0].span == above.span:  # the function is the first statement of the file
        edits, above = [], replace(above, text=edits[0].text + above.text)
    edits.append(above)
    return Fix("Remember the results with `functools.cache`", tuple(edits), safe=_closed(parsed, each))


def _hashable(parsed: Parsed, each: Recursion, name: str) -> bool:
    """Whether a parameter is surely a number or a text: it is counted with, or annotated so."""
    types = parsed.inference.types(cst.Name(name), each.scope, 10**9)
    if types:
        return set(types) <= {"builtins.int", "builtins.str", "builtins.bool", "builtins.float"}
    steps = {one.steps.get(name) for one in each.selves}
    return bool(steps & _NUMBERS) and steps <= _NUMBERS | {Step.SAME}


def _closed(parsed: Parsed, each: Recursion) -> bool:
    """Whether a function at the top of a file reads nothing but its parameters, its own names and builtins."""
    if each.scope.parent is not parsed.facts.module:
        return False
    known = {*each.scope.bindings, each.scope.name, "max", "min", "abs", "sum", "range", "True", "False", "int"}
    comprehended = {
        one.target.value
        for one in descend(each.node.body)
        if isinstance(one, cst.CompFor) and isinstance(one.target, cst.Name)
    }
    read = {one.value for one in descend(each.node.body) if isinstance(one, cst.Name)}
    whole = not any(
        isinstance(one, cst.Attribute | cst.FormattedString | cst.Lambda) for one in descend(each.node.body)
    )
    return whole and read <= known | comprehended
