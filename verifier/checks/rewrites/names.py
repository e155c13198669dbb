"""Dotted paths as a file would write them: by the imports that it has, or by one more."""

from __future__ import annotations

import builtins
from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from verifier import deprecations
from verifier.checks.matching import Matched
from verifier.checks.registry import Parsed, symbols
from verifier.checks.rewrites.common import Unfixable, code, replace_node
from verifier.checks.rewrites.insertion import extended, inserted
from verifier.model import Edit
from verifier.semantics.model import Binding, BindingKind, Scope
from verifier.semantics.names import normal, reaching, visible
from verifier.symbols import attributes, defined, library
from verifier.symbols.loading import loaded_by
from verifier.symbols.modules import Loaded, load
from verifier.symbols.names import find
from verifier.world import stdlib
from verifier.world.installed import Missing

_CUSTOMARY = {"numpy": "np", "pandas": "pd", "matplotlib.pyplot": "plt", "tensorflow": "tf"}
"""The names under which nearly everybody imports these."""
_BUILTINS = frozenset(dir(builtins))


@dataclass(frozen=True, slots=True)
class Spelled:
    """How a file writes a path, and the imports that it needs for that."""

    text: str
    edits: tuple[Edit, ...] = ()


def rewrite(parsed: Parsed, use: Matched, path: str) -> tuple[str, list[Edit]]:
    """The title and edits that put another path in place of a name or attribute; raises Unfixable."""
    if not isinstance(use.node, cst.Name | cst.Attribute):
        raise Unfixable("only names and attributes have paths")
    root = root_of(use.node)
    if root is None or not _imported(parsed, root, use.scope, use.order):
        raise Unfixable("the name was bound to something else first")
    spelled = spell(parsed, path, use.scope, use.order, near=root.value, loaded=use.api.path.rpartition(".")[0])
    title = f"Replace `{code(parsed, use.node)}` with `{spelled.text}`"
    return title, [replace_node(parsed, use.node, spelled.text), *spelled.edits]


def root_of(node: cst.BaseExpression) -> cst.Name | None:
    """The first name of a chain of attributes."""
    while isinstance(node, cst.Attribute):
        node = node.value
    return node if isinstance(node, cst.Name) else None


def spell(parsed: Parsed, path: str, scope: Scope, order: int, *, near: str | None = None, loaded: str = "") -> Spelled:
    """A path as it may be written at a place, best by way of the name `near`; raises Unfixable.

    `loaded` is the path of something that the place has now.
    """
    path = path.removeprefix("builtins.")
    if path in _BUILTINS:
        if visible(parsed.facts, path, scope) is not None:
            raise Unfixable(f"{path} means something else here")
        return Spelled(path)
    if is_missing(parsed, path):
        raise Unfixable(f"the version in use does not have {path}")
    known = sorted(_ways(parsed, path, scope, order), key=lambda each: (each[0] != near, len(each[1])))
    module = module_of(parsed, path)
    if known and _is_deep(parsed, path, module, known[0][1]):
        return _with_import(parsed, path, module, scope, order)
    for name, rest, binding in known:
        if f"{loaded}.".startswith(f"{module}.") or _is_loaded(parsed, binding, module):
            return Spelled(".".join((name, *rest)))
    for name, rest, binding in known:
        if binding.path == module.partition(".")[0] == name:
            return Spelled(".".join((name, *rest)), (inserted(parsed, f"import {module}", module),))
    return _with_import(parsed, path, module, scope, order)


def is_missing(parsed: Parsed, path: str) -> bool:
    """Whether the version in use is known not to have what a path names."""
    world = symbols(parsed).world
    first, *rest = path.split(".")
    loaded = load(world, first)
    if not isinstance(loaded, Loaded):
        gone = stdlib.versions(first) is not None and library.has_module(parsed.project, first) is False
        return gone or isinstance(loaded, Missing)
    module, place = first, 0
    while place < len(rest) and isinstance(load(world, f"{module}.{rest[place]}"), Loaded):
        module, place = f"{module}.{rest[place]}", place + 1
    if place == len(rest):
        return False
    answer = find(world, module, rest[place])
    if not isinstance(answer, tuple):
        return isinstance(answer, Missing)
    known = defined.values(world, answer)
    for name in rest[place + 1 :]:
        found = [attributes.read(world, each, name) for each in known]
        if found and all(isinstance(each, Missing) for each in found):
            return True
        known = tuple(value for each in found if isinstance(each, tuple) for value in each)
    return False


def module_of(parsed: Parsed, path: str) -> str:
    """The module that a path's name is in; by its capital letters where no file says it."""
    world = symbols(parsed).world
    parts = path.split(".")
    if isinstance(load(world, parts[0]), Loaded):
        for length in range(len(parts), 1, -1):
            if isinstance(load(world, ".".join(parts[:length])), Loaded):
                return ".".join(parts[:length])
        return parts[0]
    module = parts[:1]
    for part in parts[1:-1]:
        if part[:1].isupper():
            break
        module.append(part)
    imported = (site.record.module for site in parsed.facts.imports if not site.record.level)
    known = (each for each in imported if path.startswith(f"{each}."))
    return max((".".join(module), *known), key=len)


def bindings_of(parsed: Parsed, name: str) -> Iterator[Binding]:
    """Every place in the file that binds a name, in any scope."""
    for scope in parsed.facts.scopes:
        yield from scope.bindings.get(normal(name), ())


def is_free(parsed: Parsed, name: str) -> bool:
    """Whether the file neither binds a name nor reads one that it does not bind, in any scope."""
    memo = symbols(parsed).world.memo
    if ("taken",) not in memo:
        taken = {each.node.value for each in parsed.facts.names if isinstance(each.node, cst.Name)}
        for scope in parsed.facts.scopes:
            taken.update(scope.bindings, scope.outer)
        memo["taken",] = frozenset(taken)
    return normal(name) not in memo["taken",]


def _imported(parsed: Parsed, root: cst.Name, scope: Scope, order: int) -> bool:
    """Whether exactly one import, or several of the same, give a name its value here, or a builtin is meant."""
    bindings = reaching(parsed.facts, root.value, scope, order)
    if bindings is None:
        return root.value in _BUILTINS
    return all(each.kind is BindingKind.IMPORT for each in bindings) and len({each.path for each in bindings}) == 1


def _ways(parsed: Parsed, path: str, scope: Scope, order: int) -> Iterator[tuple[str, tuple[str, ...], Binding]]:
    """The names by which a path can be reached here, each with what follows it and the import that binds it."""
    for owner in dict.fromkeys((scope, parsed.facts.module)):
        for name in _import_names(parsed, owner):
            bindings = owner.bindings[name]
            first = bindings[0]
            found = visible(parsed.facts, name, scope)
            if (
                found is None
                or found[0] is not owner
                or first.path is None
                or len({each.path for each in bindings}) > 1
            ):
                continue
            if any(each.kind is not BindingKind.IMPORT for each in bindings):
                continue
            early = owner.function is not scope.function or first.order < order
            if first.branch is None and early and f"{path}.".startswith(f"{first.path}."):
                rest = path[len(first.path) + 1 :]
                yield name, tuple(rest.split(".")) if rest else (), first


def _import_names(parsed: Parsed, scope: Scope) -> tuple[str, ...]:
    """The names that imports bind in a scope, worked out once."""
    memo = symbols(parsed).world.memo
    key = ("import names", id(scope))
    if key not in memo:
        memo[key] = tuple(name for name, bindings in scope.bindings.items() if bindings[0].path is not None)
    names: tuple[str, ...] = memo[key]
    return names


def _is_loaded(parsed: Parsed, binding: Binding, module: str) -> bool:
    """Whether a module can be reached as an attribute of what an import binds."""
    if f"{binding.path}.".startswith(f"{module}."):
        return True
    asked = {
        path
        for site in parsed.facts.imports
        if site.branch is None and not site.record.level
        for path in (site.record.module, f"{site.record.module}.{site.record.name or ''}".rstrip("."))
    }
    if any(f"{each}.".startswith(f"{module}.") for each in asked):
        return True
    return deprecations.loads(module) or loaded_by(symbols(parsed).world, {binding.path or module}, module) is True


def _is_deep(parsed: Parsed, path: str, module: str, rest: tuple[str, ...]) -> bool:
    """Whether a class is best imported by its name, because two modules or more would stand before it."""
    inside = path[len(module) + 1 :].split(".")
    if not inside[0][:1].isupper() or not is_free(parsed, inside[0]) or len(rest) - len(inside) < 2:
        return False
    return not deprecations.loads(module) and not any(
        site.record.module == module and site.record.name is None for site in parsed.facts.imports
    )


def _with_import(parsed: Parsed, path: str, module: str, scope: Scope, order: int) -> Spelled:
    """A path by way of an import that the file does not have yet."""
    rest = path[len(module) + 1 :]
    name = rest.partition(".")[0]
    if rest and is_free(parsed, name):
        edit = extended(parsed, module, name, scope, order)
        if edit is not None:
            return Spelled(rest, (edit,))
    alias = _CUSTOMARY.get(module)
    if "." in module and name[:1].isupper() and is_free(parsed, name):
        return Spelled(rest, (inserted(parsed, f"from {module} import {name}", module),))
    if is_free(parsed, alias or module.partition(".")[0]):
        statement = f"import {module} as {alias}" if alias else f"import {module}"
        text = ".".join(filter(None, (alias or module, rest)))
        return Spelled(text, (inserted(parsed, statement, module),))
    if rest and is_free(parsed, name):
        return Spelled(rest, (inserted(parsed, f"from {module} import {name}", module),))
    raise Unfixable(f"the names to import {path} by are taken")
