"""Uses of APIs that the installed version deprecates or no longer has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import libcst as cst

from verifier import deprecations
from verifier.checks import ageing
from verifier.checks.guards import guarded
from verifier.checks.receivers import Meanings, meanings
from verifier.checks.registry import Parsed, Rules, finding, per_file
from verifier.deprecations import Api
from verifier.model import Finding, Problem
from verifier.semantics.guards import dotted
from verifier.semantics.model import BindingKind, Use
from verifier.semantics.names import reaching
from verifier.world import local, provision
from verifier.world.versions import version_of

Rows = Mapping[str, Sequence[Api]]


@per_file("deprecated")
def check(parsed: Parsed, rules: Rules) -> Iterator[Finding | Problem]:
    """Every use of a row's name, method or parameter whose version range the project's version lies in."""
    rows = deprecations.load()
    seen: set[tuple[str, int]] = set()
    for node, api in _matches(parsed, rows):
        version = version_of(parsed.project, api.distribution)
        state = api.state(version)
        if state == "unknown" and api.removed is None:
            continue  # a deprecation that the version in use may not have reached is no defect yet
        rule = rules.get("removed-api" if state == "removed" else "deprecated-api") if state else None
        if rule is None:
            continue
        made = _finding(parsed, rule_name=rule.name, rules=rules, node=node, api=api, version=version)
        if (api.api, made.span.line) not in seen:
            seen.add((api.api, made.span.line))
            yield made
    told = {name.partition("(")[0].rpartition(".")[2] for name, _ in seen}
    yield from ageing.check(parsed, rules, told)


def _finding(
    parsed: Parsed, *, rule_name: str, rules: Rules, node: cst.CSTNode, api: Api, version: str | None
) -> Finding:
    own = api.distribution == "python"
    newest = provision.is_newest(parsed.project.environment, api.distribution)
    have = f", {'the newest release is' if newest else 'you have'} {version}"
    if version is None:
        have = "; which version the project has is not known"
    use = f"; use {api.replacement}" if api.replacement else ""
    fields: dict[str, Any] = {
        "api": api.api,
        "distribution": "Python" if own else api.distribution,
        "since": f" since {'Python' if own else api.distribution} {api.deprecated or api.removed}",
        "removed": api.removed,
        "have": have,
        "use": use,
    }
    evidence = {
        "deprecated": api.deprecated,
        "removed": api.removed,
        "version": version,
        "note": api.note,
        "reference": api.reference,
    }
    return finding(rules[rule_name], parsed, node, symbol=api.api, evidence=evidence, **fields)


def _matches(parsed: Parsed, rows: Rows) -> Iterator[tuple[cst.CSTNode, Api]]:
    """Nodes that use a row's API, whatever the version."""
    shadowed = _shadowed(parsed)
    yield from _imported(parsed, rows, shadowed)
    for use in (*parsed.facts.attributes, *parsed.facts.names):
        if guarded(use.branch) or (isinstance(use.node, cst.Name) and _bound_by_import(use, parsed)):
            continue
        for node in _chain(use.node):
            for row in _rows(rows, meanings(parsed, node, use.scope, use.order), shadowed):
                if row.kind != "module" and row.parameter is None:
                    yield node, row
    for call in parsed.facts.calls:
        keywords = {arg.keyword.value: arg for arg in call.node.args if arg.keyword is not None}
        if not keywords or guarded(call.branch):
            continue
        for row in _rows(rows, meanings(parsed, call.node.func, call.scope, call.order), shadowed):
            arg = keywords.get(row.parameter or "")
            if arg is not None and (row.value is None or _literal(arg.value) == row.value):
                yield arg, row


def _rows(rows: Rows, values: Meanings, shadowed: frozenset[str]) -> Iterator[Api]:
    """The rows of a use, if each value that it may have is in the table: one that is not would make a rule wrong."""
    known = [
        [row for path in paths if path.split(".", 1)[0] not in shadowed for row in rows.get(path, ())]
        for paths in values
    ]
    if all(known):
        for each in known[:1]:
            yield from each


def _shadowed(parsed: Parsed) -> frozenset[str]:
    """The packages of the table that are something else here: modules of the project with the same name."""
    imported = {site.record.module.split(".", 1)[0] for site in parsed.facts.imports}
    return frozenset(
        top for top in deprecations.tops() & imported if local.provides(parsed.project, parsed.source.file, top, 0)
    )


def _imported(parsed: Parsed, rows: Rows, shadowed: frozenset[str]) -> Iterator[tuple[cst.CSTNode, Api]]:
    for site in parsed.facts.imports:
        record = site.record
        if record.level or record.optional or record.unreachable:
            continue
        path = f"{record.module}.{record.name}" if record.name and record.name != "*" else record.module
        node = getattr(site.node, "name", None) or site.node
        for prefix in _prefixes(path):
            found = [row for row in _rows(rows, ((prefix,),), shadowed) if row.parameter is None]
            if prefix == record.module and record.name:
                node = getattr(site.statement, "module", None) or node
            for row in found:
                yield node, row
            if found:
                break


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


def _literal(node: cst.BaseExpression) -> str | None:
    if isinstance(node, cst.SimpleString):
        return str(node.evaluated_value)
    return dotted(node) or (node.value if isinstance(node, cst.Integer | cst.Float) else None)
