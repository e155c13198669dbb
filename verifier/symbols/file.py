"""What the names of the file under check stand for at a point of it, by the facts of its walk."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TypeGuard

import libcst as cst

from verifier.semantics.guards import dotted
from verifier.semantics.model import Binding, BindingKind, Branch, BranchKind, Facts, Scope, ScopeKind, Use
from verifier.semantics.names import reaching, visible
from verifier.symbols import bindings
from verifier.symbols.defined import values
from verifier.symbols.expressions import evaluate
from verifier.symbols.frames import Frame
from verifier.symbols.modules import OWN, World
from verifier.symbols.names import find
from verifier.symbols.values import ClassValue, Instance, Types, Value, join
from verifier.world.installed import Missing

_COMMENTED = re.compile(r"^[ \t]*(\w+)\b[^#\n]*=[^#\n]*#[ \t]*type:[ \t]*(?!ignore)", re.MULTILINE)
_TESTS = frozenset({"isinstance", "issubclass", "hasattr", "callable", "type", "getattr"})
_STUB_ONLY = frozenset({"function", "ellipsis", "reveal_type", "reveal_locals"})
"""Names that typeshed puts among the builtins, and no Python has."""
_CONSTANTS = frozenset({"True", "False", "None"})


@dataclass(slots=True, eq=False)
class File:
    """One file with what has been asked of it so far."""

    facts: Facts
    world: World
    answers: dict[int, Types] = field(default_factory=dict)
    """The values that bindings give, by the binding's identity."""
    active: set[int] = field(default_factory=set)
    """Bindings whose values are being asked for."""
    cuts: int = 0
    """How often such a binding was met again and left out."""
    scopes: dict[int, Scope] = field(default_factory=dict)
    tested: dict[int, set[str]] = field(default_factory=dict)
    """By the identity of a function's scope: the expressions whose class it tests somewhere."""
    tested_texts: set[str] = field(default_factory=set)
    """Calls and subscripts whose class is tested somewhere: `isinstance(data.get("k"), str)`."""
    stores: dict[str, list[Use]] = field(default_factory=dict)
    """By an attribute's name: where the file gives it another value, on any object but a method's own."""
    commented: frozenset[str] = frozenset()
    """Names that a `# type:` comment describes."""


def open_file(facts: Facts, world: World) -> File:
    """A file ready to be asked."""
    file = File(facts, world, commented=frozenset(_COMMENTED.findall(world.text or "")))
    file.scopes = {id(each.node): each for each in facts.scopes if each.kind is ScopeKind.COMPREHENSION}
    for call in facts.calls:
        if isinstance(call.node.func, cst.Name) and call.node.func.value in _TESTS and call.node.args:
            name = dotted(call.node.args[0].value)
            if name is None:
                file.tested_texts.add(_text(call.node.args[0].value))
            else:
                file.tested.setdefault(id(call.scope.function), set()).add(name)
    for use in facts.stores:
        if isinstance(use.node, cst.Attribute):
            file.stores.setdefault(use.node.attr.value, []).append(use)
    for use in facts.subjects:
        subjects = [each.value for each in use.node.elements] if isinstance(use.node, cst.Tuple) else [use.node]
        for each in subjects:
            if (name := dotted(each)) is not None:
                file.tested.setdefault(id(use.scope.function), set()).add(name)
    return file


def _text(node: cst.BaseExpression) -> str:
    return cst.Module([]).code_for_node(node)


@dataclass(slots=True, eq=False)
class FileFrame:
    """A point of the file: scope, order and branch."""

    file: File
    scope: Scope
    order: int
    branch: Branch | None = None
    substitution: dict[str, Types] = field(default_factory=dict)
    receiver: Value | None = None

    @property
    def world(self) -> World:
        """The world that the file is checked in."""
        return self.file.world

    @property
    def module(self) -> str:
        """The name under which the file's own table is kept."""
        return OWN

    def known(self, node: cst.BaseExpression) -> Types | None:
        """What a test of the expression's class says of it."""
        if isinstance(node, cst.Call | cst.Subscript) and self.file.tested_texts:
            return () if _text(node) in self.file.tested_texts else None
        if not isinstance(node, cst.Name | cst.Attribute):
            return None
        if isinstance(node, cst.Attribute) and self._stored(node.attr.value):
            return ()
        name = dotted(node)
        if name is None or name not in self.file.tested.get(id(self.scope.function), ()):
            return None
        return self._narrowed(name)

    def _stored(self, name: str) -> bool:
        """Whether the file may have given an attribute of that name another value before this point is reached."""
        return any(
            each.order < self.order or each.loop is not None or each.scope.function is not self.scope.function
            for each in self.file.stores.get(name, ())
        )

    def _narrowed(self, name: str) -> Types:
        branch = self.branch
        while branch is not None:
            if branch.kind is BranchKind.IF and branch.test is not None:
                for test in _conjuncts(branch.test):
                    if _asks_class(test, name) and not _rebound(self.file, name, self.scope, branch):
                        return self._instances(test.args[1].value)
            branch = branch.parent
        return ()

    def _instances(self, node: cst.BaseExpression) -> Types:
        parts = [each.value for each in node.elements] if isinstance(node, cst.Tuple) else [node]
        found: Types | None = None
        for each in parts:
            made = tuple(Instance(v.module, v.name, v.args) for v in evaluate(each, self) if isinstance(v, ClassValue))
            found = made if found is None else join(found, made)
        return found or ()

    def inside(self, node: cst.CSTNode) -> Frame | None:
        """The frame of a comprehension's scope, after all its clauses."""
        scope = self.file.scopes.get(id(node))
        if scope is None:
            return None
        latest = max((each.order for bound in scope.bindings.values() for each in bound), default=self.order)
        return FileFrame(self.file, scope, latest + 1, self.branch)

    def lookup(self, node: cst.Name) -> Types:
        """The values that the bindings which reach this point give a name."""
        if node.value in self.file.commented:
            return ()
        reached = reaching(self.file.facts, node.value, self.scope, self.order)
        if reached is None:
            if node.value in _CONSTANTS or node.value in _STUB_ONLY:
                return ()
            answer = find(self.world, OWN, node.value)
            if isinstance(answer, Missing):
                answer = find(self.world, "builtins", node.value)
            return values(self.world, answer) if isinstance(answer, tuple) else ()
        joined: Types | None = None
        augmented = False
        for each in reached:
            if each.kind is BindingKind.DELETION:
                continue
            if id(each) in self.file.active:
                self.file.cuts += 1
                continue
            if each.kind is BindingKind.AUGMENTED:
                augmented = augmented or not self._plainly_augmented(each)
                continue
            if _unrun(each.branch):
                continue
            found = self._binding(each)
            if not found:
                return ()
            joined = found if joined is None else join(joined, found)
        return () if augmented else joined or ()

    def _plainly_augmented(self, each: Binding) -> bool:
        """Whether `x += value` adds something built-in, which leaves a built-in value what it is."""
        frame = FileFrame(self.file, each.scope, each.order, each.branch)
        added = evaluate(each.value, frame) if each.value is not None else ()
        return bool(added) and all(isinstance(v, Instance) and v.module == "builtins" for v in added)

    def _binding(self, each: Binding) -> Types:
        key = id(each)
        known = self.file.answers.get(key)
        if known is not None:
            return known
        self.file.active.add(key)
        cuts = self.file.cuts
        found = bindings.bound(each, FileFrame(self.file, each.scope, each.order, each.branch))
        self.file.active.discard(key)
        if cuts == self.file.cuts or not self.file.active:
            # an answer that left out a binding which is being asked for holds only inside that question
            self.file.answers[key] = found
        return found


def _conjuncts(test: cst.BaseExpression) -> list[cst.BaseExpression]:
    """The tests that all hold where `a and b` does."""
    if isinstance(test, cst.BooleanOperation) and isinstance(test.operator, cst.And):
        return [*_conjuncts(test.left), *_conjuncts(test.right)]
    return [test]


def _asks_class(test: cst.BaseExpression, name: str) -> TypeGuard[cst.Call]:
    """Whether a test is `isinstance(name, …)`."""
    if not isinstance(test, cst.Call) or dotted(test.func) != "isinstance" or len(test.args) != 2:
        return False
    return dotted(test.args[0].value) == name


def _unrun(branch: Branch | None) -> bool:
    while branch is not None:
        if branch.unreachable:
            return True
        branch = branch.parent
    return False


def _rebound(file: File, name: str, scope: Scope, branch: Branch) -> bool:
    """Whether the name gets another value below the test."""
    if "." in name:
        stores = [each.attributes.get(name.rpartition(".")[2], ()) for each in file.facts.scopes]
        return any(each.branch is not None and each.branch.within(branch) for store in stores for each in store)
    found = visible(file.facts, name, scope)
    bound = found[1] if found is not None else ()
    return any(each.branch is not None and each.branch.within(branch) for each in bound)
