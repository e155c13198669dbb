"""Receivers inferred by use: what a parameter without annotation must be, by the methods that are called on it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import libcst as cst

from verifier import deprecations
from verifier.checks.guards import guarded
from verifier.checks.registry import Parsed, Rules, finding, symbols
from verifier.checks.untyped import Place, Reading, Receiver, untyped, variable
from verifier.deprecations import Api
from verifier.model import Finding, Project
from verifier.semantics.names import reaching
from verifier.symbols.bases import lineage
from verifier.symbols.classes import Member, member, names_of
from verifier.symbols.defined import thing
from verifier.symbols.modules import World, load
from verifier.symbols.values import ClassValue, Instance, Value
from verifier.world.installed import Missing, Unknown
from verifier.world.versions import version_of

_COMMON = (str, bytes, list, dict, set, tuple, int, float, object)
_DISTINCTIVE = 2
"""Attributes that only the class has, at least, before a receiver counts as known."""


def check(parsed: Parsed, rules: Rules, world: World) -> Iterator[Finding]:
    """Calls of former methods on parameters whose use fits exactly one class of the imported libraries."""
    rule = rules.get("removed-method-by-use")
    if rule is None:
        return
    imported = frozenset(site.record.module.partition(".")[0] for site in parsed.facts.imports if not site.record.level)
    known = declared(parsed.project)
    for receiver in untyped(parsed).parameters.values():
        readings: dict[str, list[Reading]] = defaultdict(list)
        for each in receiver.readings:
            readings[each.name].append(each)
        used = set(readings)
        for row in _former(imported, known, used):
            version = version_of(parsed.project, row.distribution)
            if row.state(version) != "removed" or version is None:
                continue
            path, _, name = row.path.rpartition(".")
            evidence = _fits(world, path, receiver, row)
            if evidence is None:
                continue
            for each in readings[name]:
                if not guarded(each.use.branch):
                    yield finding(
                        rule,
                        parsed,
                        each.node.attr,
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


def fitting(parsed: Parsed, candidates: Sequence[Api], node: cst.Attribute, place: Place) -> Iterator[Api]:
    """The rows of methods whose class is the one that the use of a variable of unknown class fits."""
    if not isinstance(node.value, cst.Name):
        return
    bindings = reaching(parsed.facts, node.value.value, place.scope, place.order) or ()
    told = len(bindings) == 1 and id(bindings[0]) in untyped(parsed).parameters
    receiver = variable(parsed, node.value, place.scope)
    if receiver is None:
        return
    world = symbols(parsed).world
    meant = [row for row in candidates if row.path.rpartition(".")[2] == node.attr.value]
    found: dict[Api, list[str]] = {}
    for row in meant:
        if told and row.parameter is None and row.state(version_of(parsed.project, row.distribution)) == "removed":
            continue  # `check` tells of it
        alike = [each for each in meant if (each.parameter, each.value) == (row.parameter, row.value)]
        covered = [_class(world, each.path.rpartition(".")[0]) for each in alike]
        evidence = _fits(world, row.path.rpartition(".")[0], receiver, row, covered)
        if evidence is not None:
            found[row] = evidence
    # of several classes that fit, the one that more of what is read points to
    yield from sorted(found, key=lambda row: len(found[row]), reverse=True)[:1]


def is_used_as(parsed: Parsed, node: cst.Name, place: Place, path: str) -> bool:
    """Whether all that is read from a variable of unknown class fits one class, given by its path, and no other."""
    receiver = variable(parsed, node, place.scope)
    return receiver is not None and _fits(symbols(parsed).world, path, receiver) is not None


def declared(project: Project) -> frozenset[str]:
    """The top-level packages that the table knows and whose distribution the project asks for by name."""
    selection = project.environment.selection if project.environment else None
    asked = {each.name for each in project.declared} | set(selection.overrides if selection else ())
    return deprecations.tops_of(frozenset(asked))


def _former(imported: frozenset[str], known: frozenset[str], used: set[str]) -> Iterator[Api]:
    """The rows of methods that some version removed, of imported libraries, among the names used.

    A library that is only declared counts for names that no other library has.
    """
    names = deprecations.index(imported | known).names
    for name in sorted(used & names.keys()):
        for row in names[name]:
            owner = row.path.rpartition(".")[0]
            near = row.path.partition(".")[0] in imported or row.telling
            if near and row.removed and owner.rpartition(".")[2][:1].isupper():
                yield row


def _fits(
    world: World, path: str, receiver: Receiver, row: Api | None = None, covered: Sequence[ClassValue | None] = ()
) -> list[str] | None:
    """The distinctive names that show a receiver to be of a class; None where no class, or one not covered, fits."""
    kind = _class(world, path)
    if kind is None or not all(is_object(world, each, kind) for each in receiver.known):
        return None
    table = deprecations.load(frozenset({path.partition(".")[0]}))
    former = {key.rpartition(".")[2] for key in table if key.rpartition(".")[0] == path}
    columns = isinstance(member(world, kind.module, kind.name, "__getattr__"), Member)
    names: set[str] = set()
    for each in receiver.readings:
        answer = member(world, kind.module, kind.name, each.name, calling=True)
        if isinstance(answer, Member) or each.name in former:
            names.add(each.name)
        elif isinstance(answer, Missing) and columns and not each.called:
            continue
        elif not isinstance(answer, Unknown) or each.called:
            return None
    others = [each for each in _others(world, path) if each != kind and each not in covered]
    for other in () if receiver.sure else others:  # what is made from an object of the class is most often one too
        if names <= names_of(world, other.module, other.name) | _formers(other):
            return None
    distinctive = [
        name
        for name in sorted(names)
        if not any(hasattr(common, name) for common in _COMMON)
        and sum(name in names_of(world, other.module, other.name) for other in others) <= len(others) // 8
    ]
    needed = 0 if receiver.sure else 1 if row and row.telling else _DISTINCTIVE
    return distinctive if len(distinctive) >= needed else None


def is_object(world: World, value: Value, kind: ClassValue) -> bool:
    """Whether a known value is an object of a class."""
    if not isinstance(value, Instance):
        return False
    bases = lineage(world, value.module, value.name).bases
    return any((each.module, each.name) == (kind.module, kind.name) for each in bases)


def _formers(value: ClassValue) -> set[str]:
    """Names that a class, known in the table by any path that ends in its name, once had."""
    bare = value.name.rpartition(".")[2]
    table = deprecations.load(frozenset({value.module.partition(".")[0]}))
    return {key.rpartition(".")[2] for key in table if key.rpartition(".")[0].rpartition(".")[2] == bare}


def _class(world: World, path: str) -> ClassValue | None:
    found = thing(world, path)
    return found if isinstance(found, ClassValue) else None


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
