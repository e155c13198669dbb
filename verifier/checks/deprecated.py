"""Uses of APIs that the installed version deprecates or no longer has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import libcst as cst
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from verifier import deprecations
from verifier.checks.registry import Parsed, Rules, finding, per_file
from verifier.deprecations import Api
from verifier.model import Finding, Problem, Project
from verifier.semantics.guards import dotted
from verifier.semantics.model import Binding, BindingKind, Branch, BranchKind, Scope, Use
from verifier.semantics.names import local as is_local
from verifier.semantics.names import qualify, reaching
from verifier.world import installed, local

_ABSENCES = frozenset({"AttributeError", "ImportError", "ModuleNotFoundError", "TypeError"})


@per_file("deprecated")
def check(parsed: Parsed, rules: Rules) -> Iterator[Finding | Problem]:
    """Every use of a row's name, method or parameter whose version range the project's version lies in."""
    rows = deprecations.load()
    seen: set[tuple[str, int]] = set()
    for node, api in _matches(parsed, rows):
        version = version_of(parsed.project, api.distribution)
        state = api.state(version)
        rule = rules.get("removed-api" if state == "removed" else "deprecated-api") if state else None
        if rule is None:
            continue
        made = _finding(parsed, rule_name=rule.name, rules=rules, node=node, api=api, version=version)
        if (api.api, made.span.line) not in seen:
            seen.add((api.api, made.span.line))
            yield made


def version_of(project: Project, distribution: str) -> str | None:
    """The version of a distribution that the project runs: installed, or pinned by an exact requirement."""
    if distribution == "python":
        return ".".join(map(str, project.python))
    if project.environment is not None:
        version = installed.distributions(project.environment).get(distribution)
        if version is not None:
            return version
    for each in project.declared:
        if each.name == distribution:
            try:
                pins = [one.version for one in SpecifierSet(each.specifier) if one.operator in {"==", "==="}]
            except InvalidSpecifier:
                continue
            if pins and "*" not in pins[0]:
                return pins[0]
    return None


def _finding(
    parsed: Parsed, *, rule_name: str, rules: Rules, node: cst.CSTNode, api: Api, version: str | None
) -> Finding:
    own = api.distribution == "python"
    have = "; which version the project has is not known" if version is None else f", you have {version}"
    use = f"; use {api.replacement}" if api.replacement else ""
    fields: dict[str, Any] = {
        "api": api.api,
        "distribution": "Python" if own else api.distribution,
        "deprecated": api.deprecated or api.removed,
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


def _matches(parsed: Parsed, rows: Mapping[str, Sequence[Api]]) -> Iterator[tuple[cst.CSTNode, Api]]:
    """Nodes that use a row's API, whatever the version."""
    tops = deprecations.tops()
    shadowed = {
        top
        for top in tops & {site.record.module.split(".", 1)[0] for site in parsed.facts.imports}
        if local.provides(parsed.project, parsed.source.file, top, 0)
    }

    def find(path: str, *kinds: str) -> Iterator[Api]:
        top = path.split(".", 1)[0]
        if top in tops and top not in shadowed:
            for row in rows.get(path, ()):
                if (row.parameter is None) == ("parameter" not in kinds) and (not kinds[1:] or row.kind in kinds):
                    yield row

    yield from _imported(parsed, find)
    for use in (*parsed.facts.attributes, *parsed.facts.names):
        if isinstance(use.node, cst.Name) and use.node.value in _imported_names(use, parsed):
            continue
        if _guarded(use.branch):
            continue
        for node, path in _paths(parsed, use):
            for row in find(path):
                if row.kind != "module":
                    yield node, row
    for call in parsed.facts.calls:
        keywords = {arg.keyword.value: arg for arg in call.node.args if arg.keyword is not None}
        if not keywords or _guarded(call.branch):
            continue
        for path in _callees(parsed, call.node.func, call.scope, call.order):
            for row in find(path, "parameter"):
                arg = keywords.get(row.parameter or "")
                if arg is not None and (row.value is None or _literal(arg.value) == row.value):
                    yield arg, row


def _imported(parsed: Parsed, find: object) -> Iterator[tuple[cst.CSTNode, Api]]:
    for site in parsed.facts.imports:
        record = site.record
        if record.level or record.optional or record.unreachable:
            continue
        path = f"{record.module}.{record.name}" if record.name and record.name != "*" else record.module
        node = getattr(site.node, "name", None) or site.node
        for prefix in _prefixes(path):
            rows = list(find(prefix))  # type: ignore[operator]  # the closure above
            if prefix == record.module and record.name:
                node = getattr(site.statement, "module", None) or node
            for row in rows:
                yield node, row
            if rows:
                break


def _imported_names(use: Use, parsed: Parsed) -> frozenset[str]:
    """The name itself when it was bound by a `from` import, whose statement has the finding already."""
    node = use.node
    if not isinstance(node, cst.Name):
        return frozenset()
    bindings = reaching(parsed.facts, node.value, use.scope, use.order) or ()
    return frozenset({node.value} if any(each.kind is BindingKind.IMPORT for each in bindings) else ())


def _paths(parsed: Parsed, use: Use) -> Iterator[tuple[cst.CSTNode, str]]:
    """The dotted paths of an attribute chain and of its prefixes, and of methods on inferred receivers."""
    node: cst.BaseExpression = use.node
    while True:
        for path in _callees(parsed, node, use.scope, use.order):
            yield node, path
        if not isinstance(node, cst.Attribute) or not isinstance(node.value, cst.Attribute):
            return
        node = node.value


def _callees(parsed: Parsed, node: cst.BaseExpression, scope: Scope, order: int) -> Sequence[str]:
    """What an expression may name; several candidates only where all of them are known."""
    paths = [path for path in qualify(parsed.facts, node, scope, order) if not is_local(path)]
    if paths or not isinstance(node, cst.Attribute):
        return paths
    receivers = parsed.inference.types(node.value, scope, order)
    found = [base for receiver in receivers if receiver != "None" for base in _lineage(parsed, receiver)]
    return [f"{base}.{node.attr.value}" for base in found]


def _lineage(parsed: Parsed, path: str) -> Iterator[str]:
    """A class, or the outside classes that a class of this file derives from."""
    if not path.startswith("<local>."):
        yield path
        return
    todo, seen = [path.removeprefix("<local>.")], set[str]()
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        seen.add(name)
        for binding in parsed.facts.module.bindings.get(name, ()):
            for base in _bases(binding):
                for qualified in qualify(parsed.facts, base, parsed.facts.module, binding.order):
                    if qualified.startswith("<local>."):
                        todo.append(qualified.removeprefix("<local>."))
                    else:
                        yield qualified


def _bases(binding: Binding) -> Sequence[cst.BaseExpression]:
    return [arg.value for arg in binding.node.bases] if isinstance(binding.node, cst.ClassDef) else []


def _prefixes(path: str) -> Iterator[str]:
    while path:
        yield path
        path = path.rpartition(".")[0]


def _literal(node: cst.BaseExpression) -> str | None:
    if isinstance(node, cst.SimpleString):
        return str(node.evaluated_value)
    return dotted(node) or (node.value if isinstance(node, cst.Integer | cst.Float) else None)


def _guarded(branch: Branch | None) -> bool:
    """Whether code runs only when the name is there, or only for another version."""
    while branch is not None:
        if branch.unreachable or branch.optional:
            return True
        if branch.kind is BranchKind.TRY and isinstance(branch.node, cst.Try) and _expects_absence(branch.node):
            return True
        if branch.kind in {BranchKind.IF, BranchKind.ELSE} and isinstance(branch.node, cst.If):
            text = cst.Module([]).code_for_node(branch.node.test)
            if "hasattr" in text or "version" in text.lower():
                return True
        branch = branch.parent
    return False


def _expects_absence(node: cst.Try) -> bool:
    """Whether a `try` catches AttributeError, ImportError or TypeError by name: it expects the API to be gone."""
    for handler in node.handlers:
        kind = handler.type
        names = [kind] if isinstance(kind, cst.Name) else [each.value for each in getattr(kind, "elements", ())]
        if any(isinstance(each, cst.Name) and each.value in _ABSENCES for each in names):
            return True
    return False
