"""Receivers inferred by use: what a parameter without annotation must be, by the methods that are called on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import libcst as cst

from verifier import deprecations
from verifier.checks.guards import guarded
from verifier.checks.registry import Parsed, Rules, finding
from verifier.deprecations import Api
from verifier.model import Finding
from verifier.semantics.model import Binding, BindingKind, Use, instance_class
from verifier.semantics.names import reaching
from verifier.symbols.classes import Member, member, names_of
from verifier.symbols.defined import values
from verifier.symbols.modules import World, load
from verifier.symbols.names import find
from verifier.symbols.values import ClassValue
from verifier.world.installed import Missing, Unknown
from verifier.world.versions import version_of

_COMMON = (str, bytes, list, dict, set, tuple, int, float, object)
_DISTINCTIVE = 2
"""Attributes that only the class has, at least, before a receiver counts as known."""


@dataclass(slots=True)
class _Receiver:
    """A parameter with every attribute that is read from it."""

    binding: Binding
    uses: list[tuple[str, cst.Attribute, Use, bool]] = field(default_factory=list)


def check(parsed: Parsed, rules: Rules, world: World) -> Iterator[Finding]:
    """Calls of former methods on parameters whose use fits exactly one class of the imported libraries."""
    rule = rules.get("removed-method-by-use")
    if rule is None:
        return
    imported = {site.record.module.partition(".")[0] for site in parsed.facts.imports if not site.record.level}
    for receiver in _receivers(parsed):
        used = {name for name, _, _, _ in receiver.uses}
        for row in _former(imported, used):
            version = version_of(parsed.project, row.distribution)
            if row.state(version) != "removed" or version is None:
                continue
            path, _, name = row.path.rpartition(".")
            evidence = _fits(world, path, receiver)
            if evidence is None:
                continue
            for attribute, node, use, _ in receiver.uses:
                if attribute == name and not guarded(use.branch):
                    yield finding(
                        rule,
                        parsed,
                        node.attr,
                        symbol=row.path,
                        evidence={"class": path, "used": evidence, "removed": row.removed, "version": version},
                        parameter=receiver.binding.name,
                        api=row.path,
                        kind=path.rpartition(".")[2],
                        name=name,
                        distribution=row.distribution,
                        version=version,
                        use=f"; use {row.replacement}" if row.replacement else "",
                    )


def _receivers(parsed: Parsed) -> Iterator[_Receiver]:
    """The parameters without annotation that are never bound again."""
    found: dict[int, _Receiver] = {}
    for use in parsed.facts.attributes:
        node: cst.BaseExpression = use.node
        step: cst.Attribute | None = None
        while isinstance(node, cst.Attribute):
            step, node = node, node.value
        if step is None or not isinstance(node, cst.Name):
            continue
        bindings = reaching(parsed.facts, node.value, use.scope, use.order) or ()
        first = bindings[0] if bindings else None
        if first is None or first.kind is not BindingKind.PARAMETER or first.annotation is not None:
            continue
        if len(bindings) > 1 or instance_class(node.value, use.scope) is not None:
            continue
        called = step is use.node and isinstance(use.parent, cst.Call) and use.parent.func is step
        found.setdefault(id(first), _Receiver(first)).uses.append((step.attr.value, step, use, called))
    yield from found.values()


def _former(imported: set[str], used: set[str]) -> Iterator[Api]:
    """The rows of methods that some version removed, of imported libraries, among the names used."""
    for path, rows in deprecations.load().items():
        owner, _, name = path.rpartition(".")
        if name in used and path.partition(".")[0] in imported and owner.rpartition(".")[2][:1].isupper():
            yield from (row for row in rows if row.removed and row.parameter is None)


def _fits(world: World, path: str, receiver: _Receiver) -> list[str] | None:
    """The distinctive names that show a receiver to be of a class; None where another class, or none, fits."""
    kind = _class(world, path)
    if kind is None:
        return None
    former = {key.rpartition(".")[2] for key in deprecations.load() if key.rpartition(".")[0] == path}
    columns = isinstance(member(world, kind.module, kind.name, "__getattr__"), Member)
    names: set[str] = set()
    for name, _, _, called in receiver.uses:
        answer = member(world, kind.module, kind.name, name, calling=True)
        if isinstance(answer, Member) or name in former:
            names.add(name)
        elif isinstance(answer, Missing) and columns and not called:
            continue
        elif not isinstance(answer, Unknown) or called:
            return None
    others = [each for each in _others(world, path) if (each.module, each.name) != (kind.module, kind.name)]
    for each in others:
        if names <= names_of(world, each.module, each.name) | _formers(each):
            return None
    distinctive = [
        name
        for name in sorted(names)
        if not any(hasattr(common, name) for common in _COMMON)
        and sum(name in names_of(world, each.module, each.name) for each in others) <= len(others) // 8
    ]
    return distinctive if len(distinctive) >= _DISTINCTIVE else None


def _formers(value: ClassValue) -> set[str]:
    """Names that a class, known in the table by any path that ends in its name, once had."""
    bare = value.name.rpartition(".")[2]
    return {key.rpartition(".")[2] for key in deprecations.load() if key.rpartition(".")[0].rpartition(".")[2] == bare}


def _class(world: World, path: str) -> ClassValue | None:
    module, _, name = path.rpartition(".")
    answer = find(world, module, name)
    some = values(world, answer) if isinstance(answer, tuple) else ()
    return some[0] if len(some) == 1 and isinstance(some[0], ClassValue) else None


def _others(world: World, path: str) -> list[ClassValue]:
    """The classes of the module that a class, given by its path, is taken from; itself among them."""
    module = path.rpartition(".")[0]
    loaded = load(world, module)
    if isinstance(loaded, Missing | Unknown):
        return []
    found: dict[ClassValue, None] = {}
    for table in loaded.tables:
        for name in table.names:
            if name[:1].isupper():
                each = _class(world, f"{module}.{name}")
                if each is not None:
                    found[each] = None
    return list(found)
