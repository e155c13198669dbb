"""Functions that only raise or warn through the first function that they call: a helper that says it for many."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable

from verifier.symbols import gone
from verifier.symbols.model import Definition, Function
from verifier.symbols.modules import World
from verifier.symbols.references import dotted_text

_DEEPEST = 3
"""Helpers that call helpers."""


def message(world: World, module: str, definition: Definition) -> str | None:
    """What a function of a module says where all it does is raise; else None."""
    if isinstance(definition, Function) and definition.gone is not None:
        return definition.gone
    return _call(world, module, definition, lambda helper: helper.first == "raise")


def warning(world: World, module: str, definition: Definition) -> str | None:
    """The call, at the beginning of a function, of a helper that warns of a deprecation; else None."""
    return _call(world, module, definition, lambda helper: helper.deprecated is not None)


def all_gone(world: World, module: str, definitions: Iterable[Definition]) -> bool:
    """Whether every statement is a function that does nothing but raise; none: no."""
    said = [message(world, module, each) for each in definitions]
    return bool(said) and None not in said


def _call(world: World, module: str, definition: Definition, test: Callable[[Function], bool]) -> str | None:
    call = definition.first if isinstance(definition, Function) else None
    if not isinstance(definition, Function) or call is None or call == "raise":
        return None
    if not gone.says_so(call) or _is_helper(definition, call):
        return None
    return call if _leads(world, module, call.partition("(")[0], test, _DEEPEST) else None


def _is_helper(function: Function, call: str) -> bool:
    """Whether a function passes on what it is called with: then it says it of others."""
    mine = {each.name for each in function.parameters}
    return any(isinstance(each, ast.Name) and each.id in mine for each in ast.walk(ast.parse(call)))


def _leads(world: World, module: str, callee: str, test: Callable[[Function], bool], depth: int) -> bool:
    """Whether what a module calls by that name passes the test, whatever it is given, or calls only what does."""
    if depth == 0:
        return False
    targets = dotted_text(world, module, callee) or ()
    return bool(targets) and all(
        isinstance(one, Function)
        and not (one.decorators or one.is_async or one.typing_only)
        and (test(one) or (one.first and _leads(world, target.module, one.first.partition("(")[0], test, depth - 1)))
        for target in targets
        for one in target.definitions or (None,)
    )
