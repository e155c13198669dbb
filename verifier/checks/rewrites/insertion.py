"""Where a file takes one more import: into a statement that it has, or below its other imports."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from verifier.checks.registry import Parsed
from verifier.checks.rewrites.common import Unfixable, places, range_of
from verifier.model import Edit
from verifier.semantics.guards import dotted
from verifier.semantics.model import BindingKind, Scope, ScopeKind


def inserted(parsed: Parsed, statement: str, module: str) -> Edit:
    """The edit that adds an import statement, behind the last one of the same package or of any; raises Unfixable."""
    newline = parsed.facts.tree.default_newline
    lines = list(_leading(parsed.facts.tree))
    if not lines:
        return _before_code(parsed, statement, newline)
    top = module.partition(".")[0]
    same = [each for each in lines if any(_top(small) == top for small in each.body)]
    at = places(parsed)
    _, end = range_of(parsed, (same or lines)[-1])
    place = at.line_end(max(end - 1, 0))
    if not parsed.text[:place].endswith(("\n", "\r")):
        raise Unfixable("the file ends with its imports")
    return at.edit(place, place, f"{statement}{newline}")


def extended(parsed: Parsed, module: str, name: str, scope: Scope | None = None, order: int = 0) -> Edit | None:
    """The edit that adds a name to the `from` import of a module that the file has; None if there is none.

    With a scope, one of its own imports before a place in the walk will do too.
    """
    for small in (*_smalls(parsed), *_own(scope, order)):
        if not isinstance(small, cst.ImportFrom) or isinstance(small.names, cst.ImportStar) or small.relative:
            continue
        if small.module is None or dotted(small.module) != module:
            continue
        _, end = range_of(parsed, small.names[-1])
        return places(parsed).edit(end, end, f", {name}")
    return None


def _smalls(parsed: Parsed) -> Iterator[cst.BaseSmallStatement]:
    return (small for line in _leading(parsed.facts.tree) for small in line.body)


def _own(scope: Scope | None, order: int) -> Iterator[cst.CSTNode]:
    """The imports of a function that surely ran before a place in the walk."""
    if scope is None or scope.kind is not ScopeKind.FUNCTION:
        return
    for each in (each for some in scope.bindings.values() for each in some):
        if each.kind is BindingKind.IMPORT and each.branch is None and each.order < order:
            yield each.node


def at_top(parsed: Parsed, statement: cst.BaseSmallStatement) -> bool:
    """Whether an import is one of those at the top of the file."""
    return any(each is statement for each in _smalls(parsed))


def _leading(tree: cst.Module) -> Iterator[cst.SimpleStatementLine]:
    """The lines of imports at the top of a file, behind its docstring."""
    for index, each in enumerate(tree.body):
        match each:
            case cst.SimpleStatementLine(body=[cst.Expr(value=cst.SimpleString() | cst.ConcatenatedString())]):
                if index:
                    return
            case cst.SimpleStatementLine(body=body) if all(
                isinstance(small, cst.Import | cst.ImportFrom) for small in body
            ):
                yield each
            case _:
                return


def _before_code(parsed: Parsed, statement: str, newline: str) -> Edit:
    """The edit that puts an import between the docstring and the first statement."""
    body = parsed.facts.tree.body
    match body[0]:
        case cst.SimpleStatementLine(body=[cst.Expr(value=cst.SimpleString() | cst.ConcatenatedString())]):
            body = body[1:]
    if not body:
        raise Unfixable("the file has no code")
    first = body[0]
    start, _ = range_of(parsed, first)
    at = places(parsed)
    place = at.line_start(start)
    if parsed.text[place:start].strip("\f \t"):
        raise Unfixable("the first statement does not begin its line")
    return at.edit(place, place, f"{statement}{newline}{newline}")


def _top(small: cst.BaseSmallStatement) -> str:
    match small:
        case cst.Import(names=names):
            return (dotted(names[-1].name) or "").partition(".")[0]
        case cst.ImportFrom(module=cst.Name() | cst.Attribute() as module, relative=[]):
            return (dotted(module) or "").partition(".")[0]
        case _:
            return ""
