"""Names and attributes that the installed version does not have; calls are judged in `api_calls`."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from verifier.checks import api_calls, by_use
from verifier.checks.guards import chosen, guarded
from verifier.checks.registry import Parsed, Rules, finding, per_file, symbols
from verifier.checks.wording import history, in_version, looked, suggestion, what
from verifier.model import Finding, Import, Problem
from verifier.semantics.model import Use
from verifier.symbols import evidence, loading
from verifier.symbols.attributes import read
from verifier.symbols.expressions import evaluate
from verifier.symbols.file import File, FileFrame
from verifier.symbols.modules import Loaded, World, flush, load
from verifier.symbols.names import find, is_submodule
from verifier.symbols.values import ModuleValue, Types, path, without_none
from verifier.world.installed import Missing

_IGNORED = re.compile(r"#[ \t]*type:[ \t]*ignore")
"""A comment by which people tell every type checker that they know better (PEP 484)."""


@per_file("api")
def check(parsed: Parsed, rules: Rules) -> Iterator[Finding | Problem]:
    """Every import, attribute and call of the file that the files of its packages refute."""
    ignored = {number for number, line in enumerate(parsed.text.split("\n"), 1) if _IGNORED.search(line)}
    for each in _check(parsed, rules):
        if each.span.line not in ignored:
            yield each


def _check(parsed: Parsed, rules: Rules) -> Iterator[Finding]:
    file = symbols(parsed)
    world = file.world
    given = evidence.stored_names(parsed.facts, world)
    yield from _imports(parsed, rules, world)
    told: set[int] = set()
    # where the file sets a `__class__`, an object may become one of any class
    for use in parsed.facts.attributes if "__class__" not in given else ():
        yield from _attributes(parsed, rules, file, use, given, told)
    for call in parsed.facts.calls:
        yield from api_calls.check(parsed, rules, file, call, told)
    yield from by_use.check(parsed, rules, world)
    flush(world)


def _imports(parsed: Parsed, rules: Rules, world: World) -> Iterator[Finding]:
    rule = rules.get("unknown-name")
    if rule is None:
        return
    for site in parsed.facts.imports:
        record = site.record
        if record.level or not record.name or record.name == "*" or record.optional or record.unreachable:
            continue
        if record.typing_only or guarded(site.branch, by_class=False):
            continue
        answer = find(world, record.module, record.name)
        if isinstance(answer, Missing) and _IGNORED.search(parsed.facts.tree.code_for_node(site.statement)):
            continue
        if isinstance(answer, Missing) and not evidence.may_have(world, ModuleValue(record.module), record.name):
            yield finding(
                rule,
                parsed,
                getattr(site.node, "name", None) or site.node,
                symbol=f"{record.module}.{record.name}",
                evidence=looked(answer),
                module=record.module,
                name=record.name,
                version=in_version(answer),
                suggestion=history(f"{record.module}.{record.name}", parsed.project) or suggestion(answer.nearest),
            )


def _attributes(
    parsed: Parsed, rules: Rules, file: File, use: Use, given: frozenset[str], told: set[int]
) -> Iterator[Finding]:
    """The first attribute of a chain that what stands before it does not have."""
    rule = rules.get("unknown-attribute")
    if guarded(use.branch, by_class=False) or isinstance(use.parent, cst.Del):
        return
    frame = FileFrame(file, use.scope, use.order, use.branch)
    chain: list[cst.Attribute] = []
    node: cst.BaseExpression = use.node
    while isinstance(node, cst.Attribute):
        chain.append(node)
        node = node.value
    types = evaluate(node, frame)
    for step in reversed(chain):
        called = step is use.node and isinstance(use.parent, cst.Call) and use.parent.func is step
        types = without_none(types)
        if not types:
            return
        answers = [read(file.world, each, step.attr.value, calling=called) for each in types]
        if all(isinstance(each, Missing) for each in answers):
            name = step.attr.value
            missing = [each for each in answers if isinstance(each, Missing)]
            if name in given or any(evidence.may_have(file.world, each, name, calling=called) for each in types):
                return
            told.add(id(step))
            if rule is None or chosen(parsed, step):
                return
            yield finding(
                rule,
                parsed,
                step.attr,
                symbol=f"{path(types[0])}.{name}",
                evidence=looked(missing[0]),
                what=what(types[0]),
                name=name,
                version=in_version(missing[0]),
                suggestion=history(f"{path(types[0])}.{name}", parsed.project) or suggestion(missing[0].nearest),
            )
            return
        unloaded = list(_unloaded(parsed, rules, file, types, step))
        yield from unloaded
        if unloaded:
            return
        types = evaluate(step, frame)


def _unloaded(parsed: Parsed, rules: Rules, file: File, types: Types, step: cst.Attribute) -> Iterator[Finding]:
    """A sub-module that exists, and that nothing which the file imports has loaded."""
    rule = rules.get("unloaded-submodule")
    if rule is None or len(types) != 1 or not isinstance(types[0], ModuleValue):
        return
    package, name = types[0].name, step.attr.value
    loaded = load(file.world, package)
    if not isinstance(loaded, Loaded) or not is_submodule(file.world, loaded, name):
        return
    modules = [each for site in parsed.facts.imports for each in _modules(site.record)]
    if loading.loaded_by(file.world, modules, f"{package}.{name}") is False:
        seen = file.world.memo.setdefault(("unloaded",), set())
        if (package, name) not in seen:
            seen.add((package, name))
            evidence_ = {"imported": sorted(set(modules))}
            yield finding(
                rule, parsed, step.attr, symbol=f"{package}.{name}", evidence=evidence_, module=package, name=name
            )


def _modules(record: Import) -> list[str]:
    """The modules that an import may load; the name of a `from` import may be one."""
    if record.level:
        return []
    return [record.module, f"{record.module}.{record.name}"] if record.name else [record.module]
