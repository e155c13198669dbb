"""What a dotted expression in a module means: the statements of the class or function, or the module, that it names."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from verifier.semantics.guards import dotted
from verifier.symbols.model import Variable
from verifier.symbols.modules import World
from verifier.symbols.names import Defined, find, nested
from verifier.symbols.trees import last_name, parsed

_DEEPEST = 12
"""Aliases of aliases followed at most."""
_TYPING = frozenset({"typing", "typing_extensions", "builtins"})
_FORMS = frozenset({"Generic", "Protocol", "object"})
"""Bases that add no attribute of their own."""


def dotted_text(world: World, module: str, text: str, owner: str = "") -> tuple[Defined, ...] | None:
    """What a dotted expression such as `mod.Class[int]` means in a module; None when it is anything else or unknown.

    `owner` is the qualified name of a class statement around it, whose names are looked up first.
    """
    expression = parsed(text)
    while isinstance(expression, cst.Subscript):
        expression = expression.value
    name = dotted(expression) if expression is not None else None
    if name is None:
        return None
    first, *rest = name.split(".")
    targets = _first(world, module, first, owner)
    for part in rest:
        further: list[Defined] = []
        for each in targets:
            if each.is_module:
                answer = find(world, each.module, part)
                if not isinstance(answer, tuple):
                    return None
                further += answer
            else:
                inner = nested(world, each.module, f"{each.name}.{part}")
                if not inner:
                    return None
                further.append(Defined(each.module, inner, f"{each.name}.{part}"))
        targets = tuple(further)
    return _through_variables(world, targets) or None


def raw_path(world: World, module: str, text: str) -> str:
    """The dotted path of what a text names through imported modules, whatever is defined there."""
    first, _, rest = text.partition(".")
    answer = find(world, module, first)
    if not isinstance(answer, tuple) or len(answer) != 1:
        return ""
    return ".".join(part for part in (answer[0].module, answer[0].name, rest) if part)


def _first(world: World, module: str, name: str, owner: str) -> tuple[Defined, ...]:
    while owner:
        owner = owner.rpartition(".")[0]
        if owner and (inner := nested(world, module, f"{owner}.{name}")):
            return (Defined(module, inner, f"{owner}.{name}"),)
    answer = find(world, module, name)
    if isinstance(answer, tuple):
        return answer
    answer = find(world, "builtins", name) if module != "builtins" else answer
    return answer if isinstance(answer, tuple) else ()


def _through_variables(world: World, targets: Sequence[Defined], depth: int = 0) -> tuple[Defined, ...]:
    """Aliases such as `Base = other.Base` replaced by what they stand for; empty when one of them is anything else."""
    found: dict[tuple[str, str], Defined] = {}
    for each in targets:
        variables = [one for one in each.definitions if isinstance(one, Variable)]
        if not variables:
            found[each.module, each.name] = each
            continue
        if depth > _DEEPEST:
            return ()
        rest = tuple(one for one in each.definitions if not isinstance(one, Variable))
        if rest:
            found[each.module, each.name] = Defined(each.module, rest, each.name)
        for one in variables:
            if is_form(each.module, one):
                found[each.module, each.name] = each
            elif one.value is None or one.value == one.name:
                return ()
            elif one.value != "None":
                deeper = dotted_text(world, each.module, one.value, each.name)
                if deeper is None:
                    return ()
                for target in deeper:
                    found[target.module, target.name] = target
    return tuple(found.values())


def is_form(module: str, variable: Variable) -> bool:
    """Whether a name of the typing modules is a form of the type system and no class."""
    annotation = last_name(variable.annotation or "")
    return annotation == "_SpecialForm" or (module in _TYPING and variable.name in _FORMS)


def adds_nothing(target: Defined) -> bool:
    """Whether a base adds no attribute to the class below it."""
    return target.module in _TYPING and target.name in _FORMS
