"""The reading of one module's text into a table of what it defines."""

from __future__ import annotations

import ast
import re

from msgspec.structs import replace

from verifier.symbols import dynamic, lazy, making, members
from verifier.symbols.ageing import extraction, registered
from verifier.symbols.conditions import State, Target
from verifier.symbols.fallback import UNKNOWN, fallback
from verifier.symbols.model import Class, Definition, Fallback, Import, Table, Variable
from verifier.symbols.parsing import Unparsable as Unparsable  # noqa: PLC0414  # callers catch it from here
from verifier.symbols.parsing import parse
from verifier.symbols.reading import Reading
from verifier.symbols.statements import Block
from verifier.symbols.texts import Texts

_FILLED = re.compile(r"\bsetattr\(\s*(\w+)\s*,\s*(?![\"'])")
"""What gets attributes by names that are not written."""


def extract(
    text: str, module: str, file: str, *, stub: bool, package: bool, python: tuple[int, int], platform: str
) -> Table:
    """What a module's text defines for one target; raises Unparsable where it cannot be read."""
    parsed = parse(text)
    reading = Reading(module, package, stub, Target(python, platform), Texts(parsed.text), parsed.parameters)
    block = Block(reading)
    try:
        block.read(parsed.tree.body, State())
    except RecursionError as error:
        raise Unparsable("nested too deeply") from error
    if _changed_in_function(parsed.tree, parsed.text):
        reading.exports.readable = False
    lazily = lazy.find(parsed.tree, parsed.text, module)
    for each in lazily.names:
        block.scope.bind(each)
    found = dynamic.find(parsed.tree, parsed.text, reading.literals, frozenset(lazily.understood))
    for name, line in (*reading.declared.items(), *found.names.items()):
        block.scope.bind(Variable(name, line, None, None, conditional=True))
    filled = frozenset(_FILLED.findall(parsed.text))
    made, makes_deprecated = ({}, False) if stub else making.find(parsed.tree)
    table = Table(
        module=module,
        file=file,
        stub=stub,
        package=package,
        names={
            name: tuple(_finished(reading, each, filled=name in filled) for each in known)
            for name, known in block.scope.names.items()
        },
        stars=tuple(reading.stars),
        copied=tuple(_absolute(block, module, each, package=package) for each in found.copied),
        beginnings=tuple(found.beginnings),
        exports=reading.exports.all if lazily.exports is None else lazily.exports,
        fallback=lazily.fallback or _fallback(reading, block),
        open=reading.open or found.open,
        imports=tuple(reading.imports),
        stored=tuple(sorted(reading.stored)),
        deprecated=extraction.of_module(parsed.tree, reading.getattr, reading.literals),
        made=made,
        makes_deprecated=makes_deprecated,
    )
    return registered.given(making.given(table), parsed.tree, parsed.text)


def _absolute(block: Block, module: str, path: str, *, package: bool) -> str:
    """The module that a dotted path in a text means, by the imports of the text; else one inside the package."""
    first, dot, rest = path.partition(".")
    for each in block.scope.names.get(first, ()):
        if isinstance(each, Import):
            base = each.module if each.attribute is None else f"{each.module}.{each.attribute}"
            return f"{base}{dot}{rest}"
    return f"{module}.{path}" if package else path


def _fallback(reading: Reading, block: Block) -> Fallback | None:
    """What the module's `__getattr__` answers."""
    if "__getattr__" not in block.scope.names:
        return None
    known = block.scope.names["__getattr__"]
    if all(isinstance(each, Class) and any("module_getattr" in text for text in each.decorators) for each in known):
        # matplotlib's way: a class with a property for each name
        members = {name for each in known if isinstance(each, Class) for name in each.members}
        return Fallback(tuple(sorted(members)), closed=True)
    if reading.getattr is None or reading.stub:
        return UNKNOWN
    return fallback(reading.getattr, reading.literals, reading.exports.all)


def _changed_in_function(tree: ast.Module, text: str) -> bool:
    """Whether a function of the module changes `__all__`: what it adds cannot be read."""
    if text.count("__all__") < 2:
        return False
    functions = [each for each in tree.body if isinstance(each, ast.FunctionDef)]
    return any(_changes(one) for each in functions for one in ast.walk(each))


def _changes(node: ast.AST) -> bool:
    match node:
        case ast.Attribute(value=ast.Name(id="__all__"), attr="append" | "extend" | "insert" | "remove"):
            return True
        case ast.Name(id="__all__", ctx=ast.Store()):
            return True
        case _:
            return False


def _finished(reading: Reading, definition: Definition, *, filled: bool) -> Definition:
    """A class with what other statements of the module give it; a variable whose attributes are not written is any."""
    if isinstance(definition, Variable) and filled:
        return replace(definition, annotation=None, value=None)
    if not isinstance(definition, Class):
        return definition
    more, why = reading.added.get(definition.name), reading.opened.get(definition.name)
    if more is None and why is None:
        return definition
    return replace(definition, members=members.added(definition, more or ()), open=definition.open or why)
