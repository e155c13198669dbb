"""A class as the tables keep it: what its body binds, and what its methods assign to the object."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from verifier.symbols import refusing
from verifier.symbols.ageing import extraction
from verifier.symbols.bodies import Body, Store, walk
from verifier.symbols.conditions import State
from verifier.symbols.locals import Locals
from verifier.symbols.model import Class, Definition, Variable
from verifier.symbols.reading import Def, Reading, Scope
from verifier.symbols.strings import strings, words

_BASE = 300
_RESTORING = words("__setstate__ __setattr__ __finalize__ __array_finalize__ __copy__ __deepcopy__ __replace__")
"""Methods that set the names which an object of the class has, or which its user gives."""


def assemble(
    reading: Reading,
    node: ast.ClassDef,
    scope: Scope,
    methods: Sequence[tuple[Def, Body]],
    why: str | None,
    state: State,
) -> Class:
    """The class of a statement whose body and methods have been read."""
    texts = reading.texts
    attributes: dict[str, list[Variable]] = {}
    for method, body in methods:
        why = _method(reading, method, body, scope, attributes) or why
    for name in _slots(scope, node):
        attributes.setdefault(name, [Variable(name, node.lineno)])
    deprecated, aged = extraction.of_class(node, methods, reading.literals)
    parameters = reading.type_parameters.get(node.lineno, ())
    parameters += tuple(each.name for each in getattr(node, "type_params", ()))
    return Class(
        name=node.name,
        line=node.lineno,
        bases=tuple(texts.call(each, _BASE) or "..." for each in node.bases),
        keywords=tuple((each.arg or "**", texts.call(each.value, _BASE) or "...") for each in node.keywords),
        decorators=tuple(texts.call(each, 200) or "..." for each in node.decorator_list),
        members={name: tuple(each) for name, each in scope.names.items()},
        attributes={name: tuple(each) for name, each in attributes.items()},
        parameters=parameters,
        open=why,
        deprecated=deprecated,
        aged=aged,
        conditional=state.conditional,
        typing_only=state.typing_only,
    )


def _method(reading: Reading, node: Def, body: Body, scope: Scope, attributes: dict[str, list[Variable]]) -> str | None:
    """Add what a method assigns to its first parameter; the reason if it may assign names that it does not say."""
    first = body.first
    if first is None:
        return None
    local = Locals(reading, node, body)
    on_class = any(isinstance(each, ast.Name) and each.id == "classmethod" for each in node.decorator_list)
    why: str | None = None
    made = frozenset(name for name, bound in body.bound.items() if _makes(bound, first))
    for store in body.stores:
        owner = store.owner
        if isinstance(owner, ast.Name) and owner.id in made:
            attributes.setdefault(store.name, []).append(Variable(store.name, store.line))
        elif isinstance(owner, ast.Name) and owner.id == first:
            if store.name in {"__dict__", "__class__"} and node.name in _RESTORING:
                continue
            if store.name in {"__dict__", "__class__"}:
                why = f"line {store.line} replaces {first}.{store.name}"
                continue
            variable = _variable(reading, node, local, store, conditional=on_class)
            if on_class:
                scope.bind(variable)
            else:
                known = attributes.setdefault(store.name, [])
                if variable not in known:
                    known.append(variable)
    for call in body.calls if node.name not in _RESTORING else ():
        names = _set(call, first, body, reading)
        if names is None:
            why = f"line {call.lineno} sets attributes by names that are not written there"
        for name in names or ():
            attributes.setdefault(name, []).append(Variable(name, call.lineno))
    return why or (_dictionary(node, first, attributes) if body.dictionary and node.name not in _RESTORING else None)


def _makes(bound: list[tuple[str, ast.expr | None]], first: str) -> bool:
    """Whether a local name is a new object of the class, as in `__new__` and in other constructors."""
    match bound:
        case [("=", ast.Call(func=ast.Name(id=name)))]:
            return name == first
        case [("=", ast.Call(func=ast.Attribute(attr="__new__")))]:
            return True
        case _:
            return False


def _variable(reading: Reading, node: Def, local: Locals, store: Store, *, conditional: bool) -> Variable:
    annotation = reading.texts.annotation(store.annotation)
    value = None
    if store.value is not None:
        value = local.resolve(store.value)
        if value in local.parameters and annotation is None:
            annotation = _annotated(reading, node, value) or _checked(reading, node, local, value, store.line)
        if value is not None and value.partition(".")[0].partition("(")[0].partition("[")[0] in local.parameters:
            value = value if local.mine(value) else None
        if value is None and local.clean(store.value):
            value = reading.texts.text(store.value, 300)
    return Variable(store.name, store.line, annotation, value, conditional)


def _annotated(reading: Reading, node: Def, name: str | None) -> str | None:
    """The annotation of a parameter whose value nothing has changed."""
    for each in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs):
        if each.arg == name:
            return reading.texts.annotation(each.annotation)
    return None


def _checked(reading: Reading, node: Def, local: Locals, name: str | None, line: int) -> str | None:
    """The classes that a parameter is of where a line is reached: the method raises for any other."""
    if name is None:
        return None
    return refusing.classes(node.body, name, line, lambda e: reading.texts.text(e, _BASE) if local.clean(e) else None)


def _set(call: ast.Call, first: str, body: Body, reading: Reading) -> tuple[str, ...] | None:
    """The names that a `setattr` sets on the object; None where they are not written there."""
    match call:
        case ast.Call(func=ast.Name(id="setattr"), args=[owner, name, *_]):
            pass
        case ast.Call(func=ast.Attribute(value=ast.Name(id="object"), attr="__setattr__"), args=[owner, name, *_]):
            pass
        case ast.Call(func=ast.Attribute(value=owner, attr="__setattr__"), args=[name, *_]):
            pass
        case _:
            return ()
    mine = isinstance(owner, ast.Name) and owner.id == first
    above = isinstance(owner, ast.Call) and isinstance(owner.func, ast.Name) and owner.func.id in {"super", "type"}
    mine = mine or (isinstance(owner, ast.Attribute) and owner.attr == "__class__")
    names: tuple[str, ...] | None = None
    match name:
        case ast.Constant(value=str(text)):
            names = (text,)
        case ast.Name(id=variable) if body.loops.get(variable) and len(body.bound.get(variable, ())) == 1:
            names = body.loops[variable]
    if mine or above:
        # a __setattr__ that passes its own arguments on adds nothing
        passing = above and isinstance(name, ast.Name) and names is None
        return () if passing else names
    reading.stored.update(names or ())
    return ()


def _dictionary(node: Def, first: str, attributes: dict[str, list[Variable]]) -> str | None:
    """Why a method's use of the object's `__dict__` may add names; names that it writes are added."""
    why: str | None = None
    for each in walk(*node.body):
        match each:
            case ast.Subscript(ctx=ast.Store(), value=space, slice=key) if _space(space, first):
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    attributes.setdefault(key.value, []).append(Variable(key.value, each.lineno))
                else:
                    why = f"line {each.lineno} binds attributes by names that are not written there"
            case ast.Call(func=ast.Attribute(value=space, attr="update" | "setdefault")) if _space(space, first):
                why = f"line {each.lineno} changes the object's dictionary"
            case ast.Assign(targets=[ast.Name()], value=space) if _space(space, first):
                why = f"line {each.lineno} keeps the object's dictionary"
            case ast.AugAssign(target=space) if _space(space, first):
                why = f"line {each.lineno} changes the object's dictionary"
    return why


def _space(node: ast.expr, first: str) -> bool:
    """Whether an expression is the object's dictionary."""
    match node:
        case ast.Attribute(value=ast.Name(id=name), attr="__dict__"):
            return name == first
        case ast.Call(func=ast.Name(id="vars"), args=[ast.Name(id=name)]):
            return name == first
        case _:
            return False


def _slots(scope: Scope, node: ast.ClassDef) -> Sequence[str]:
    """The names that `__slots__` lists."""
    for each in node.body:
        match each:
            case (
                ast.Assign(targets=[ast.Name(id="__slots__")], value=value)
                | ast.AnnAssign(target=ast.Name(id="__slots__"), value=ast.expr() as value)
            ):
                if isinstance(value, ast.Constant) and isinstance(value.value, str):
                    return (value.value,) if value.value not in scope.names else ()
                return [name for name in strings(value, {}) or () if name not in scope.names]
    return ()


def added(known: Class, more: Sequence[Definition]) -> dict[str, tuple[Definition, ...]]:
    """The members of a class together with those that other statements give it."""
    members = dict(known.members)
    for each in more:
        members[each.name] = (*members.get(each.name, ()), each)
    return members
