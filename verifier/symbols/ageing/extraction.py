"""What functions and classes say of their own deprecation: by decorators, warnings, defaults and docstrings."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from verifier.symbols.ageing import decorators, docs
from verifier.symbols.ageing.bodies import Warned, arguments_of, read, warning
from verifier.symbols.ageing.guards import SENTINELS, Arguments, literal
from verifier.symbols.ageing.table import names, warner
from verifier.symbols.ageing.texts import ASKED, one_line, text
from verifier.symbols.bodies import Body
from verifier.symbols.model import Aged, Ask
from verifier.symbols.reading import Def
from verifier.symbols.texts import last_part

_BY_DEFAULT = frozenset(repr(each) for each in SENTINELS) | {"DEPRECATED"}
_USING = ("fit", "_fit", "fit_transform", "fit_predict", "__call__")
"""Methods that judge what a constructor only kept (scikit-learn)."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a function says: of the whole, of its parameters, and whom it asks about them."""

    whole: str | None = None
    aged: tuple[Aged, ...] = ()
    asks: tuple[Ask, ...] = ()


NOTHING = Said()


def of_function(node: Def, body: Body, literals: Mapping[str, tuple[str, ...]]) -> Said:
    """What a `def` says; of a whole that warns without words the message is empty."""
    warns = any(warner(last_part(each.func)) for each in body.calls)
    defaults = any(
        isinstance(each, ast.Constant) and each.value in SENTINELS
        for each in (*node.args.defaults, *node.args.kw_defaults)
    )
    doc = _docstring(node)
    if not (warns or defaults or doc or node.decorator_list):
        return NOTHING
    known = _texts(literals) if warns or node.decorator_list else {}
    if node.name == "__getattr__" and node.args.args:
        known[node.args.args[-1].arg] = ASKED
    arguments = arguments_of(node.args)
    arguments.literals = literals
    found = read(node.body, arguments, known) if warns else Warned()
    whole = _decorated(node.decorator_list, known)
    aged = [one for each in node.decorator_list for one in decorators.parameters(each, node.args, known)]
    aged += found.aged
    if doc:
        aged = list(dict.fromkeys((*aged, *docs.read(doc, tuple(arguments.defaults)))))
    if defaults:
        aged = _by_default(arguments, aged)
    return Said(whole if whole is not None else found.whole, tuple(aged), tuple(found.asks))


def of_class(
    node: ast.ClassDef, methods: Sequence[tuple[Def, Body]], literals: Mapping[str, tuple[str, ...]]
) -> tuple[str | None, tuple[Aged, ...]]:
    """What a class says of itself (what its `__init__` says is the method's), and of what it is made with."""
    whole = _decorated(node.decorator_list, _texts(literals)) if node.decorator_list else None
    doc = _docstring(node)
    init = next((method for method, _ in methods if method.name == "__init__"), None)
    if init is None:
        return whole, tuple(each for each in docs.read(doc, ()) if not each.parameter) if doc else ()
    aged = list(_kept(init, methods, literals))
    if doc:
        kept = tuple(each.arg for each in (*init.args.args, *init.args.kwonlyargs))
        aged += docs.read(doc, kept)
    return whole, tuple(aged)


def of_module(tree: ast.Module, answering: Def | None, literals: Mapping[str, tuple[str, ...]]) -> str | None:
    """What a module says whenever it is imported, or whenever a name is taken out of it (PEP 562)."""
    for each in tree.body:
        if isinstance(each, ast.Expr) and isinstance(each.value, ast.Call) and warner(last_part(each.value.func)):
            message = warning(each.value, _texts(literals))
            if message is not None:
                return message
    for each in answering.body if answering else ():
        match each:
            case (
                ast.Return(value=ast.Call(func=function, keywords=keywords))
                | ast.Expr(value=ast.Call(func=function, keywords=keywords))
            ) if (told := names().modules.get(last_part(function) or "")) is not None:
                for one in keywords:
                    told = told.replace(f"{{{one.arg}}}", text(one.value) or "…")
                return told
    return None


def _kept(init: Def, methods: Sequence[tuple[Def, Body]], literals: Mapping[str, tuple[str, ...]]) -> Iterator[Aged]:
    """What other methods say of the attributes that hold the constructor's arguments.

    Only of those whose default says that they are deprecated, or where the warning names them.
    """
    kept = {
        each.targets[0].attr
        for each in init.body
        if isinstance(each, ast.Assign)
        and isinstance(each.targets[0], ast.Attribute)
        and isinstance(each.value, ast.Name)
        and each.value.id == each.targets[0].attr
    }
    for method, body in methods:
        if method.name not in _USING or not any(warner(last_part(each.func)) for each in body.calls):
            continue
        own = arguments_of(init.args)
        arguments = Arguments({k: v for k, v in own.defaults.items() if k in kept}, None, body.first)
        for each in read(_unnested(method.body), arguments, _texts(literals)).aged:
            if each.parameter in each.message and not each.without:
                yield each


def _unnested(body: Sequence[ast.stmt]) -> Sequence[ast.stmt]:
    """The statements of a method, without those that end it early only by raising or for other objects."""
    return [each for each in body if not isinstance(each, ast.For | ast.While | ast.With | ast.Try)]


def _by_default(arguments: Arguments, aged: list[Aged]) -> list[Aged]:
    """What the parameters whose default is the word `deprecated` say by that."""
    told = {each.parameter for each in aged if not each.documented}
    for name, default in arguments.defaults.items():
        written = literal(default)
        if written in _BY_DEFAULT and name not in told:
            aged.append(Aged(name, silent=(written or "",)))
    return aged


def _decorated(listed: Sequence[ast.expr], known: Mapping[str, str]) -> str | None:
    found = (decorators.whole(each, known) for each in listed)
    return next((one_line(each) for each in found if each is not None), None)


def _texts(literals: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """The module's names for single strings."""
    return {name[1:]: value[0] for name, value in literals.items() if name.startswith("=")}


def _docstring(node: Def | ast.ClassDef) -> str:
    """A docstring that has the directive, else nothing."""
    match node.body[0]:
        case ast.Expr(value=ast.Constant(value=str(text))) if docs.DIRECTIVE in text:
            return text
        case _:
            return ""
