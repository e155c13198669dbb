"""What one binding of the file under check gives its name: an import, an assignment, a loop, a parameter."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from verifier.semantics.model import Binding, BindingKind, Loop, Scope, ScopeKind, instance_class
from verifier.symbols.bases import lineage
from verifier.symbols.defined import values
from verifier.symbols.elements import entered, iterate, unpacked
from verifier.symbols.expressions import displayed, evaluate
from verifier.symbols.hints import annotate
from verifier.symbols.modules import OWN
from verifier.symbols.names import find
from verifier.symbols.values import ClassValue, FunctionValue, Instance, ModuleValue, Types, join, without_none

if TYPE_CHECKING:
    from verifier.symbols.file import FileFrame


_OF_CLASS = frozenset({"__new__", "__init_subclass__", "__class_getitem__"})
"""Methods whose first parameter is the class without anybody saying so."""


def bound(each: Binding, frame: FileFrame) -> Types:
    """The values that one binding gives; `frame` is where it stands."""
    if each.annotation is not None and (each.kind is not BindingKind.PARAMETER or not _starred(each)):
        found = annotate(each.annotation, _class_frame(each, frame))
        if each.kind is not BindingKind.PARAMETER or found:
            if found and each.value is not None and each.kind is BindingKind.ASSIGNMENT:
                return _narrower(found, evaluate(each.value, frame))
            return found
    if each.whole is not None and each.value is None:
        return _unpacked(each, frame)
    match each.kind:
        case BindingKind.IMPORT:
            return _imported(each, frame)
        case BindingKind.ASSIGNMENT | BindingKind.ATTRIBUTE | BindingKind.PATTERN if each.value is not None:
            return evaluate(each.value, frame)
        case BindingKind.WITH if each.value is not None:
            return entered(frame.world, evaluate(each.value, frame), asynchronous=each.asynchronous)
        case BindingKind.LOOP:
            return _unpacked(each, frame)
        case BindingKind.EXCEPT if each.value is not None:
            kinds = [part.value for part in each.value.elements] if isinstance(each.value, cst.Tuple) else [each.value]
            made: Types | None = None
            for kind in kinds:
                some = tuple(Instance(v.module, v.name) for v in evaluate(kind, frame) if isinstance(v, ClassValue))
                made = some if made is None else join(made, some)
            return made or ()
        case BindingKind.PARAMETER:
            owner = instance_class(each.name, each.scope)
            if each.scope.function is not None and each.scope.function.name in _OF_CLASS:
                return ()
            name = _qualified(owner) if owner is not None else None
            if name is None or any(base.name == "type" for base in lineage(frame.world, OWN, name).bases):
                return ()  # the first parameter of a metaclass's method is a class
            return (Instance(OWN, name),)
        case BindingKind.CLASS:
            name = _nested_name(each)
            return (ClassValue(OWN, name),) if name else ()
        case BindingKind.FUNCTION:
            name = _nested_name(each)
            return (FunctionValue(OWN, name),) if name else ()
        case _:
            return ()


def _narrower(declared: Types, given: Types) -> Types:
    """An annotated name's values: those it is given, unless the annotation says more of the same class."""
    kinds = {(each.module, each.name) for each in declared if isinstance(each, Instance)}
    same = all(isinstance(each, Instance) and (each.module, each.name) in kinds for each in given)
    return declared if not given or same else given


def _class_frame(each: Binding, frame: FileFrame) -> FileFrame:
    scope: Scope | None = each.scope
    while scope is not None and scope.kind is not ScopeKind.CLASS:
        scope = scope.parent
    name = _qualified(scope) if scope is not None else None
    return replace(frame, receiver=Instance(OWN, name)) if name else frame


def _starred(each: Binding) -> bool:
    """Whether a parameter is `*args` or `**kwargs`, whose annotation is that of its items."""
    return isinstance(each.node, cst.Param) and each.node.star in {"*", "**"}


def _unpacked(each: Binding, frame: FileFrame) -> Types:
    """What a target of an unpacking, or of a loop, gets."""
    if each.kind is BindingKind.LOOP:
        loop = each.loop
        if loop is None or loop.iterable is None:
            return ()
        found = _iterated(loop, each, frame)
    else:
        found = evaluate(each.whole, frame) if each.whole is not None else ()
        if each.kind is BindingKind.WITH:
            found = entered(frame.world, found, asynchronous=each.asynchronous)
    for index, count in each.place:
        found = unpacked(frame.world, without_none(found), index, count) if count >= 0 else ()
    if each.kind is BindingKind.LOOP and not each.place and each.loop is not None and each.loop.target is not each.node:
        return ()
    return found


def _iterated(loop: Loop, each: Binding, frame: FileFrame) -> Types:
    scope = loop.scope if loop.scope.kind is not ScopeKind.COMPREHENSION else each.scope
    asynchronous = getattr(loop.node, "asynchronous", None) is not None
    if loop.iterable is None:
        return ()
    before = replace(frame, scope=scope, order=loop.order)
    if found := displayed(loop.iterable, before):
        return found
    types = evaluate(loop.iterable, before)
    return iterate(frame.world, types, asynchronous=asynchronous)


def _imported(each: Binding, frame: FileFrame) -> Types:
    path = each.path
    if path is None or path.startswith("."):
        return ()
    if isinstance(each.node, cst.Import):
        return (ModuleValue(path),)
    module, _, name = path.rpartition(".")
    answer = find(frame.world, module, name)
    return values(frame.world, answer) if isinstance(answer, tuple) else ()


def _qualified(scope: Scope) -> str | None:
    """The qualified name of a class or function scope in the file's table; None inside functions."""
    names = []
    here: Scope | None = scope
    while here is not None and here.kind is not ScopeKind.MODULE:
        if here.kind is ScopeKind.TYPE_PARAMETERS:
            here = here.parent
            continue
        if here.kind not in {ScopeKind.CLASS, ScopeKind.FUNCTION} or (
            here is not scope and here.kind is ScopeKind.FUNCTION
        ):
            return None
        names.append(here.name)
        here = here.parent
    return ".".join(reversed(names))


def _nested_name(each: Binding) -> str | None:
    if each.scope.kind is ScopeKind.MODULE:
        return each.name
    around = _qualified(each.scope) if each.scope.kind is ScopeKind.CLASS else None
    return f"{around}.{each.name}" if around else None
