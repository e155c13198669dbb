"""Qualified names: what `np.float` or a reassigned alias stands for, as dotted paths from the imported module."""

from __future__ import annotations

import builtins
import unicodedata
from collections.abc import Sequence

import libcst as cst

from verifier.semantics.model import Binding, BindingKind, Facts, Scope, ScopeKind

_BUILTINS = frozenset(dir(builtins))
_CONSTANTS = frozenset({"None", "True", "False"})
_DEEPEST = 8
"""Aliases of aliases followed at most."""


def normal(name: str) -> str:
    """An identifier as Python compares it: in normal form KC (language reference, "Identifiers and keywords")."""
    return name if name.isascii() else unicodedata.normalize("NFKC", name)


def visible(facts: Facts, name: str, scope: Scope) -> tuple[Scope, Sequence[Binding]] | None:
    """The scope and bindings that a name means when read in a scope, or None when the file binds it nowhere."""
    here: Scope | None = scope
    first = True
    while here is not None:
        if name in here.outer and here.outer[name] is ScopeKind.MODULE:
            here = facts.module
        if name in here.bindings and (first or here.kind is not ScopeKind.CLASS):
            return here, here.bindings[name]
        first = first and here.kind is ScopeKind.COMPREHENSION
        here = here.parent
    return None


def reaching(facts: Facts, name: str, scope: Scope, order: int) -> Sequence[Binding] | None:
    """The bindings that may reach a read at a point of the walk; None when the file binds the name nowhere."""
    found = visible(facts, normal(name), scope)
    if found is None:
        return None
    owner, bindings = found
    if len(bindings) == 1 or owner.function is not scope.function:
        return bindings
    before = [each for each in bindings if each.order < order]
    if not before:
        return bindings
    # the last binding that surely ran hides the earlier ones, unless a loop brings later ones around
    start = 0
    for index, each in enumerate(before):
        if each.branch is None and each.loop is None and each.kind is not BindingKind.AUGMENTED:
            start = index
    later = [each for each in bindings if each.order >= order and each.loop is not None]
    return [*before[start:], *later]


def qualify(facts: Facts, node: cst.BaseExpression, scope: Scope, order: int, depth: int = 0) -> tuple[str, ...]:
    """The dotted paths that an expression may stand for; empty when any of its sources is unknown.

    Paths of builtins begin with `builtins.`, those of relative imports with a dot, and names that the file itself
    defines with `<local>.`.
    """
    if depth > _DEEPEST:
        return ()
    if isinstance(node, cst.Attribute):
        return tuple(f"{base}.{node.attr.value}" for base in qualify(facts, node.value, scope, order, depth))
    if not isinstance(node, cst.Name):
        return ()
    name = node.value
    bindings = reaching(facts, name, scope, order)
    if bindings is None:
        return (f"builtins.{name}",) if name in _BUILTINS and name not in _CONSTANTS else ()
    paths: dict[str, None] = {}
    for each in bindings:
        if each.kind is BindingKind.IMPORT and each.path is not None:
            paths[each.path] = None
        elif each.kind in {BindingKind.FUNCTION, BindingKind.CLASS}:
            paths[f"<local>.{name}"] = None
        elif each.kind in {BindingKind.ASSIGNMENT, BindingKind.PATTERN} and each.value is not None:
            if isinstance(each.value, cst.Name) and each.value.value in _CONSTANTS:
                continue
            deeper = qualify(facts, each.value, each.scope, each.order, depth + 1)
            if not deeper:
                return ()
            paths.update(dict.fromkeys(deeper))
        elif each.kind is not BindingKind.DELETION:
            return ()
    return tuple(paths)


def local(path: str) -> bool:
    """Whether a qualified name belongs to the checked project: defined in the file or imported relatively."""
    return path.startswith(("<local>", "."))
