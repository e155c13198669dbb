"""Calls of what says itself that it is deprecated: the package's own decorators and warnings, read at its version."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from verifier.checks.guards import guarded
from verifier.checks.registry import Parsed, Rules, code_of, finding, symbols
from verifier.checks.wording import shortened
from verifier.model import Finding, Severity
from verifier.semantics.model import Call
from verifier.symbols import evidence
from verifier.symbols.expressions import evaluate
from verifier.symbols.file import FileFrame
from verifier.symbols.library import NAME as STANDARD
from verifier.symbols.model import Class, Definition, Function
from verifier.symbols.modules import OWN, Loaded, World, flush, load
from verifier.symbols.names import sources
from verifier.symbols.signatures import is_overload
from verifier.symbols.values import ClassValue, FunctionValue, path, without_none

_REMOVAL = re.compile(r"\bremov|\bno longer\b|\bwill (?:raise|become|fail|stop)\b", re.IGNORECASE)
"""What announces that the code will fail one day."""


def check(parsed: Parsed, rules: Rules, told: Collection[str]) -> Iterator[Finding]:
    """Every such call, but of names (the last of a path) that the table has told of in this file."""
    rule = rules.get("deprecated-api")
    if rule is None:
        return
    file = symbols(parsed)
    for call in parsed.facts.calls:
        if guarded(call.branch):
            continue
        values = without_none(evaluate(call.node.func, FileFrame(file, call.scope, call.order, call.branch)))
        known = [each for each in values if isinstance(each, FunctionValue | ClassValue)]
        said = [_says(file.world, each) for each in known]
        if not said or None in said or len(known) < len(values):
            continue
        value, message = known[0], said[0] or ""
        loaded = load(file.world, value.module)
        if not isinstance(loaded, Loaded) or path(value).rpartition(".")[2] in told:
            continue
        yield _finding(parsed, rules, call, value, message, loaded)
    flush(file.world)


def _finding(
    parsed: Parsed, rules: Rules, call: Call, value: FunctionValue | ClassValue, message: str, loaded: Loaded
) -> Finding:
    owner = "Python" if loaded.distribution == "python" else loaded.distribution or value.module.partition(".")[0]
    said = {"says": message, "defined": value.module, "version": loaded.version}
    made = finding(
        rules["deprecated-api"],
        parsed,
        call.node.func,
        symbol=path(value),
        evidence=said,
        api=code_of(parsed, call.node.func),
        since=f" in {owner} {loaded.version or ''}".rstrip(),
        have="",
        use=f": {shortened(message)}" if message else "",
    )
    # Measured on answers that passed their tests: what only advises something newer goes on working for years.
    return made if _REMOVAL.search(message) else replace(made, severity=Severity.INFO)


def _says(world: World, value: FunctionValue | ClassValue) -> str | None:
    """What a function or class of somebody else's says of its own deprecation; None where it says nothing."""
    loaded = load(world, value.module) if value.module != OWN else None
    if not isinstance(loaded, Loaded) or loaded.local:
        return None
    if isinstance(value, FunctionValue):
        said = _of_functions(world, value.module, value.name)
        if said is None or value.receiver is None:
            return said
        return None if evidence.overridden(world, value.receiver, value.name.rpartition(".")[2]) else said
    for statements in _statements(world, value.module, value.name):
        classes = [each for each in statements if isinstance(each, Class)]
        if classes and all(each.deprecated is not None for each in classes):
            return classes[0].deprecated
    return _of_functions(world, value.module, f"{value.name}.__init__")


def _statements(world: World, module: str, name: str) -> Iterator[Sequence[Definition]]:
    """The statements of a name by file; not typeshed's, which marks for every Python what only later ones deprecate."""
    loaded = load(world, module)
    standard = isinstance(loaded, Loaded) and loaded.distribution == STANDARD
    for stub, statements in sources(world, module, name):
        if not (stub and standard):
            yield statements


def _of_functions(world: World, module: str, name: str) -> str | None:
    """What all statements of a function in its stub, or all in its source, say."""
    for statements in _statements(world, module, name):
        functions = [each for each in statements if isinstance(each, Function)]
        if not functions or any(each.conditional for each in functions):
            continue
        made = [each for each in functions if not is_overload(each)] or functions
        if all(each.deprecated is not None for each in made):
            return made[-1].deprecated
    return None
