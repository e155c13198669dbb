"""Imports of modules, and reads of names and attributes, that say themselves that they are deprecated."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import libcst as cst

from verifier.checks.ageing.wording import Told, make
from verifier.checks.guards import guarded
from verifier.checks.registry import Parsed, Rules, code_of, symbols
from verifier.model import Finding, Import
from verifier.semantics.model import ImportSite, Use
from verifier.symbols.ageing import distributions, names, said
from verifier.symbols.expressions import evaluate
from verifier.symbols.file import File, FileFrame
from verifier.symbols.modules import OWN, Loaded, World, load, submodule
from verifier.symbols.names import find
from verifier.symbols.values import ClassValue, Instance, ModuleValue, Value, path, without_none


def check(parsed: Parsed, rules: Rules, told: Collection[str]) -> Iterator[Finding]:
    """Every such import and read, but of names (the last of a path) that the table has told of in this file."""
    file = symbols(parsed)
    seen = set(told)
    for site in parsed.facts.imports:
        if _judged(site.record) and not guarded(site.branch):
            yield from _imported(parsed, rules, file.world, site, seen)
    for use in parsed.facts.attributes:
        if not guarded(use.branch) and not isinstance(use.parent, cst.Del):
            yield from _read(parsed, rules, file, use, told)


def _judged(record: Import) -> bool:
    return not (record.level or record.optional or record.unreachable or record.typing_only)


def _imported(parsed: Parsed, rules: Rules, world: World, site: ImportSite, seen: set[str]) -> Iterator[Finding]:
    """A deprecated module is told of once, at its first import; a deprecated name wherever it is imported."""
    record = site.record
    node = getattr(site.node, "name", None) or site.node
    modules = _prefixes(record.module)
    if record.name and record.name != "*" and _is_file(world, record.module, record.name):
        modules.append(f"{record.module}.{record.name}")
    for module in modules:
        loaded = load(world, module)
        if not isinstance(loaded, Loaded) or loaded.local or module.rpartition(".")[2] in seen:
            continue
        message = said.of_module(world, module)
        if message is None and "." not in module:
            message = distributions.inactive(loaded)
        if message is not None:
            seen.add(module.rpartition(".")[2])
            where = getattr(site.statement, "module", None) or node if module in _prefixes(record.module) else node
            yield make(parsed, rules, where, Told(module, module, message), loaded)
            return
    if record.name and record.name != "*" and record.name not in seen:
        found = _of_module(world, record.module, record.name)
        if found is not None:
            symbol = f"{record.module}.{record.name}"
            yield make(parsed, rules, node, Told(symbol, symbol, found[0]), found[1])


def _is_file(world: World, module: str, name: str) -> bool:
    """Whether a package has a sub-module of that name in its folders; what makes one elsewhere takes long to find."""
    package = load(world, module)
    return isinstance(package, Loaded) and submodule(world, package, name) is True


def _prefixes(path_: str) -> list[str]:
    parts = path_.split(".")
    return [".".join(parts[: index + 1]) for index in range(len(parts))]


def _of_module(world: World, module: str, name: str) -> tuple[str, Loaded] | None:
    """What is said when a name is taken out of a module, and where."""
    loaded = load(world, module)
    if not isinstance(loaded, Loaded) or loaded.local:
        return None
    message = names.answered(world, module, name)
    if message is not None:
        return message, loaded
    answer = find(world, module, name)
    if not isinstance(answer, tuple) or len(answer) != 1 or answer[0].is_module:
        return None
    message = names.read_as(world, answer[0].module, answer[0].name)
    return (message, loaded) if message is not None else None


def _read(parsed: Parsed, rules: Rules, file: File, use: Use, told: Collection[str]) -> Iterator[Finding]:
    """The attributes of a chain that say of themselves that they are deprecated."""
    frame = FileFrame(file, use.scope, use.order, use.branch)
    node: cst.BaseExpression = use.node
    while isinstance(node, cst.Attribute):
        name = node.attr.value
        values = without_none(evaluate(node.value, frame)) if name not in told else ()
        messages = [_of_value(file.world, each, name) for each in values]
        first = messages[0] if messages else None
        if first is not None and None not in messages:
            symbol = f"{path(values[0])}.{name}"
            yield make(parsed, rules, node.attr, Told(code_of(parsed, node), symbol, first[0]), first[1])
        node = node.value


def _of_value(world: World, value: Value, name: str) -> tuple[str, Loaded] | None:
    match value:
        case ModuleValue() if value.name != OWN:
            return _of_module(world, value.name, name)
        case Instance() | ClassValue() if value.module not in {OWN, "builtins"}:
            loaded = load(world, value.module)
            if not isinstance(loaded, Loaded) or loaded.local:
                return None
            message = names.attribute(world, value, name)
            return (message, loaded) if message is not None else None
        case _:
            return None
