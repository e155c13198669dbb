"""Arguments of a call that the function it calls says are deprecated."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import libcst as cst

from verifier.checks.registry import Parsed
from verifier.semantics.guards import dotted
from verifier.semantics.model import BindingKind, Call
from verifier.semantics.names import reaching
from verifier.symbols.expressions import evaluate
from verifier.symbols.file import FileFrame
from verifier.symbols.model import Aged, Parameter
from verifier.symbols.values import NONE


@dataclass(frozen=True, slots=True)
class Given:
    """One argument: the parameter that it is for, and whether only its place says so."""

    parameter: str
    node: cst.Arg
    by_place: bool


def given(arguments: Sequence[cst.Arg], parameters: Sequence[Parameter], *, bound: bool) -> Iterator[Given]:
    """The arguments of a call by parameter, where that can be told; too many positional ones fill named parameters."""
    listed = list(parameters)[1:] if bound and parameters and parameters[0].kind in {"", "/"} else list(parameters)
    places = [each.name for each in listed if each.kind in {"", "/"}]
    if not any(each.kind == "*" and each.name for each in listed):
        places += [each.name for each in listed if each.kind == "k"]
    index = 0
    for each in arguments:
        if each.keyword is not None:
            yield Given(each.keyword.value, each, by_place=False)
        elif each.star == "*":
            index = len(places)
        elif not each.star:
            if index < len(places):
                yield Given(places[index], each, by_place=True)
            index += 1


def concerned(parsed: Parsed, call: Call, frame: FileFrame, aged: Aged, arguments: Mapping[str, Given]) -> Given | None:
    """The argument that what is said is said of; None where the call gives none, or one that may be silent."""
    found = arguments.get(aged.parameter)
    if found is None or (aged.by_place and not found.by_place):
        return None
    if aged.without and (
        any(each in arguments and _literal(arguments[each].node.value) != "None" for each in aged.without)
        or any(each.star for each in call.node.args)
    ):
        return None
    literal = _literal(found.node.value)
    if aged.values:
        return found if literal in aged.values else None
    if aged.by_place:
        return found
    if literal is not None:
        return None if literal in aged.silent else found
    name = dotted(found.node.value)
    if name is not None and name.rpartition(".")[2] in {each.rpartition(".")[2] for each in aged.silent}:
        return None
    if not aged.sure or ("None" in aged.silent and _may_be_none(parsed, call, frame, found.node.value)):
        return None
    return found


def _may_be_none(parsed: Parsed, call: Call, frame: FileFrame, node: cst.BaseExpression) -> bool:
    """Whether an expression is None for all that the file says: it is what a parameter was given, or may be None."""
    if NONE in evaluate(node, frame):
        return True
    if isinstance(node, cst.IfExp | cst.BooleanOperation):
        return True
    if not isinstance(node, cst.Name):
        return False
    bindings = reaching(parsed.facts, node.value, call.scope, call.order) or ()
    return any(each.kind is BindingKind.PARAMETER for each in bindings)


def _literal(node: cst.BaseExpression) -> str | None:
    """A literal as `repr` writes it; None for any other expression."""
    try:
        return repr(ast.literal_eval(cst.Module([]).code_for_node(node).strip()))
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None


def written(aged: Aged, found: Given) -> str:
    """The parameter as a message names it, with the value that is meant."""
    return f"{aged.parameter}={_literal(found.node.value)}" if aged.values else aged.parameter
