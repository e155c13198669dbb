"""Which rows of the table of deprecated APIs a file uses: by name, receiver, keyword or value, whatever the version."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from verifier import deprecations
from verifier.checks import arguments, by_use
from verifier.checks.guards import guarded
from verifier.checks.owners import reached
from verifier.checks.registry import Parsed, symbols
from verifier.checks.untyped import Place
from verifier.deprecations import Api, Index
from verifier.semantics.model import BindingKind, ImportSite, Scope, Use
from verifier.semantics.names import reaching
from verifier.symbols import evidence
from verifier.world import local


@dataclass(frozen=True, slots=True, eq=False)
class Matched:
    """One use of a row's API, and where it stands."""

    api: Api
    node: cst.CSTNode
    """What is reported: the name or attribute of the use, the argument of a parameter or value, the imported name."""
    call: cst.Call | None
    """The call whose function the node is, or whose argument."""
    argument: cst.Arg | None
    scope: Scope
    order: int
    site: ImportSite | None = None
    """The import that is reported, if it is one."""


def matches(parsed: Parsed) -> Iterator[Matched]:
    """Every use of a row, whatever the version."""
    imported = {site.record.module.partition(".")[0] for site in parsed.facts.imports if not site.record.level}
    shadowed = frozenset(
        top for top in deprecations.tops() & imported if local.provides(parsed.project, parsed.source.file, top, 0)
    )
    index = deprecations.index(frozenset(imported - shadowed) | by_use.declared(parsed.project))
    yield from _imports(parsed, index, shadowed)
    yield from _names(parsed, index)
    yield from _arguments(parsed, index)


def _imports(parsed: Parsed, index: Index, shadowed: frozenset[str]) -> Iterator[Matched]:
    for site in parsed.facts.imports:
        record = site.record
        if record.level or record.optional or record.unreachable or record.module.partition(".")[0] in shadowed:
            continue
        if guarded(site.branch):
            continue
        path = f"{record.module}.{record.name}" if record.name and record.name != "*" else record.module
        node = getattr(site.node, "name", None) or site.node
        for prefix in _prefixes(path):
            found = [row for row in index.rows.get(prefix, ()) if row.parameter is None]
            if prefix == record.module and record.name:
                node = getattr(site.statement, "module", None) or node
            for row in found:
                yield Matched(row, node, None, None, parsed.facts.module, 0, site)
            if found:
                break


def _names(parsed: Parsed, index: Index) -> Iterator[Matched]:
    stored = evidence.stored_names(parsed.facts, symbols(parsed).world)
    calls = {id(each.node.func): each.node for each in parsed.facts.calls}
    for use in (*parsed.facts.attributes, *parsed.facts.names):
        if guarded(use.branch) or (isinstance(use.node, cst.Name) and _bound_by_import(use, parsed)):
            continue
        place = Place(use.scope, use.order, use.branch)
        for node in _chain(use.node):
            name = node.attr.value if isinstance(node, cst.Attribute) else getattr(node, "value", "")
            rows = index.names.get(name, ()) if name not in stored else ()
            for row in reached(parsed, rows, node, place):
                if row.kind != "module":
                    yield Matched(row, node, calls.get(id(node)), None, use.scope, use.order)


def _arguments(parsed: Parsed, index: Index) -> Iterator[Matched]:
    for call in parsed.facts.calls:
        if guarded(call.branch):
            continue
        for each in arguments.applications(parsed, call):
            for row in reached(parsed, _candidates(each, index), each.function, each.place):
                argument = arguments.given(parsed, each, row.parameter or "")
                if argument is None or not arguments.fits(parsed, row, argument, each.place):
                    continue
                if _in_company(parsed, row, each):
                    made = None if each.partial else call.node
                    yield Matched(row, argument, made, argument, call.scope, call.order)


def _in_company(parsed: Parsed, row: Api, application: arguments.Application) -> bool:
    """Whether the call gives what a row wants beside its own parameter, and not what it does not."""
    if row.without and (arguments.gives_more(application) or arguments.given(parsed, application, row.without)):
        return False
    return not row.beside or any(arguments.given(parsed, application, each) for each in row.beside)


def _candidates(application: arguments.Application, index: Index) -> tuple[Api, ...]:
    """Rows that a call's keywords or the last part of its function's name let one think of."""
    function = application.function
    name = function.attr.value if isinstance(function, cst.Attribute) else getattr(function, "value", "")
    keywords = (each.keyword.value for each in application.node.args if each.keyword is not None)
    found = [row for keyword in keywords for row in index.keywords.get(keyword, ())]
    if isinstance(function, cst.Attribute):
        found = [row for row in found if row.path.rpartition(".")[2] == name]
    return tuple(dict.fromkeys((*found, *index.callees.get(name, ()))))


def _bound_by_import(use: Use, parsed: Parsed) -> bool:
    """Whether a name comes from a `from` import, whose statement has the finding already."""
    name = use.node.value if isinstance(use.node, cst.Name) else ""
    bindings = reaching(parsed.facts, name, use.scope, use.order) or ()
    return any(each.kind is BindingKind.IMPORT for each in bindings)


def _chain(node: cst.BaseExpression) -> Iterator[cst.BaseExpression]:
    """`a.b.c`, `a.b` of an attribute chain; just the node when it is none."""
    yield node
    while isinstance(node, cst.Attribute) and isinstance(node.value, cst.Attribute):
        node = node.value
        yield node


def _prefixes(path: str) -> Iterator[str]:
    while path:
        yield path
        path = path.rpartition(".")[0]
