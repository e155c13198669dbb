"""What is gathered while the statements of one module are read."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field

from verifier.symbols.conditions import State, Target
from verifier.symbols.exports import Exports
from verifier.symbols.model import Definition, Function, Import, Variable
from verifier.symbols.texts import Texts

Def = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(slots=True, eq=False)
class Reading:
    """One module being read: what it is, and what its statements have said so far."""

    module: str
    package: bool
    stub: bool
    target: Target
    texts: Texts
    type_parameters: Mapping[int, tuple[str, ...]]
    imports: dict[str, None] = field(default_factory=dict)
    stars: dict[str, None] = field(default_factory=dict)
    stored: set[str] = field(default_factory=set)
    declared: dict[str, int] = field(default_factory=dict)
    """Names that functions declare `global`, with the line."""
    truths: dict[str, bool] = field(default_factory=dict)
    """Names bound to a test that the target decides."""
    literals: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Names bound to literal sequences or dictionaries of strings; to one string under `=name`."""
    type_variables: set[str] = field(default_factory=set)
    exports: Exports = field(default_factory=Exports)
    getattr: Def | None = None
    """The module's own `__getattr__`, where it is a `def`."""
    open: str | None = None
    added: dict[str, list[Definition]] = field(default_factory=dict)
    """Members that statements of the module give to its classes."""
    opened: dict[str, str] = field(default_factory=dict)
    """Classes of the module that other statements may give members, with the reason."""

    def absolute(self, node: ast.ImportFrom) -> str | None:
        """The module that a `from` import names; None where it is beyond the top."""
        if not node.level:
            return node.module or ""
        parts = self.module.split(".")
        drop = node.level - 1 if self.package else node.level
        if drop >= len(parts):
            return None
        base = ".".join(parts[: len(parts) - drop])
        return f"{base}.{node.module}" if node.module else base

    def importing(self, node: ast.Import | ast.ImportFrom, state: State) -> list[Definition]:
        """The names that an import binds; the modules it names are noted."""
        if isinstance(node, ast.Import):
            found: list[Definition] = []
            for alias in node.names:
                first = alias.name.partition(".")[0]
                self.imports[first] = self.imports[alias.name] = None
                name, module = (alias.asname, alias.name) if alias.asname else (first, first)
                found.append(Import(name, node.lineno, module, None, state.conditional, state.typing_only))
            return found
        module_name = self.absolute(node)
        if module_name is None:
            return [
                Variable(alias.asname or alias.name, node.lineno, None, None, state.conditional, state.typing_only)
                for alias in node.names
            ]
        self.imports[module_name] = None
        found = []
        for alias in node.names:
            if alias.name == "*":
                self.stars[module_name] = None
                continue
            self.imports[f"{module_name}.{alias.name}"] = None
            name = alias.asname or alias.name
            found.append(Import(name, node.lineno, module_name, alias.name, state.conditional, state.typing_only))
        return found


@dataclass(slots=True, eq=False)
class Scope:
    """The names that a module or a class body has so far."""

    names: dict[str, list[Definition]] = field(default_factory=dict)

    def bind(self, definition: Definition) -> None:
        """Add a definition; where nothing conditions it, it takes the place of those before."""
        known = self.names.setdefault(definition.name, [])
        if known and not definition.conditional and not definition.typing_only and not _overloaded(known, definition):
            known[:] = [each for each in known if each.typing_only]
        known.append(definition)

    def forget(self, name: str, state: State) -> None:
        """A `del` statement."""
        if not state.conditional and not state.typing_only:
            self.names.pop(name, None)


def _overloaded(known: list[Definition], definition: Definition) -> bool:
    last = known[-1]
    return isinstance(definition, Function) and isinstance(last, Function) and overload(last)


def overload(function: Function) -> bool:
    """Whether a `def` is one of several overloads."""
    return any(each.rpartition(".")[2] == "overload" for each in function.decorators)
