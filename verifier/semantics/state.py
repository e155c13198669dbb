"""Where a walk stands and what every handler of a node kind may do: visit, bind, open scopes and branches."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import libcst as cst

from verifier.semantics.fields import semantic_fields
from verifier.semantics.model import (
    Binding,
    BindingKind,
    Branch,
    BranchKind,
    Facts,
    Loop,
    Scope,
    ScopeKind,
    Use,
)
from verifier.semantics.names import normal

Place = tuple[Scope, Loop | None, Branch | None, str | None]
"""Scope, loop, branch and name of the instance, to go back to."""
Handler = Callable[["Walk", Any, cst.CSTNode], None]


class Walk:
    """The state of a walk: where it stands, and the facts so far."""

    __slots__ = ("branch", "facts", "handlers", "loop", "order", "path", "python", "scope", "self_name", "statement")

    def __init__(
        self, tree: cst.Module, path: str, python: tuple[int, int], handlers: Mapping[type[cst.CSTNode], Handler]
    ) -> None:
        module = Scope(ScopeKind.MODULE, tree, None)
        self.facts = Facts(tree, module, [module])
        self.handlers = handlers
        self.path = path
        self.python = python
        self.scope = module
        self.loop: Loop | None = None
        self.branch: Branch | None = None
        self.statement: cst.CSTNode = tree
        self.order = 0
        self.self_name: str | None = None

    def visit(self, node: cst.CSTNode, parent: cst.CSTNode) -> None:
        """Record what one node means, then what its parts mean."""
        kind = type(node)
        if handler := self.handlers.get(kind):
            handler(self, node, parent)
            return
        for name in semantic_fields(kind):
            self.part(getattr(node, name), node)

    def part(self, value: Any, parent: cst.CSTNode) -> None:
        """Visit the value of a field: a node, a sequence of nodes, or nothing."""
        if isinstance(value, cst.CSTNode):
            self.visit(value, parent)
        elif isinstance(value, list | tuple):
            for each in value:
                self.visit(each, parent)

    def use(self, node: cst.BaseExpression, parent: cst.CSTNode) -> Use:
        """A use of an expression at this point of the walk."""
        self.order += 1
        return Use(node, parent, self.scope, self.order, self.loop, self.branch)

    def bind(self, name: str, kind: BindingKind, node: cst.CSTNode, **rest: Any) -> Binding:
        """Record that a name gets a value here, in the scope that owns the name."""
        self.order += 1
        name = normal(name)
        scope = self._owner(name, kind)
        binding = Binding(name, kind, node, scope, self.order, loop=self.loop, branch=self.branch, **rest)
        scope.bindings.setdefault(name, []).append(binding)
        return binding

    def _owner(self, name: str, kind: BindingKind) -> Scope:
        scope = self.scope
        if name in scope.outer:
            if scope.outer[name] is ScopeKind.MODULE:
                return self.facts.module
            outer = scope.parent
            while outer is not None and outer.parent is not None and name not in outer.bindings:
                outer = outer.parent
            return outer or scope
        if kind is BindingKind.PATTERN:
            # PEP 572: an assignment expression in a comprehension binds in the scope around it
            while scope.kind is ScopeKind.COMPREHENSION and scope.parent is not None:
                scope = scope.parent
        return scope

    def target(
        self, node: cst.CSTNode, kind: BindingKind, value: cst.BaseExpression | None = None, **rest: Any
    ) -> None:
        """Record what an assignment target binds, and visit what it only uses."""
        match node:
            case cst.Name():
                self.bind(node.value, kind, node, value=value, **rest)
            case cst.Tuple() | cst.List():
                values: Sequence[Any] = ()
                if isinstance(value, cst.Tuple | cst.List) and len(value.elements) == len(node.elements):
                    values = value.elements
                place, whole = rest.pop("place", ()), rest.pop("whole", None) or value
                starred = any(isinstance(element, cst.StarredElement) for element in node.elements)
                count = -1 if starred else len(node.elements)
                for index, element in enumerate(node.elements):
                    part = values[index].value if values and type(element) is cst.Element else None
                    where = {"place": (*place, (index, count)), "whole": whole} if part is None else {}
                    self.target(element.value, kind, part, **where, **rest)
            case cst.StarredElement():
                self.target(node.value, kind)
            case cst.Attribute(value=cst.Name(value=name), attr=attr) if name == self.self_name:
                self._bind_attribute(attr.value, node, kind, value, rest)
                self.visit(node.value, node)
            case cst.Attribute():
                self.facts.stores.append(self.use(node, node))
                self.visit(node, node)
            case _:
                self.visit(node, node)

    def _bind_attribute(
        self,
        name: str,
        node: cst.CSTNode,
        kind: BindingKind,
        value: cst.BaseExpression | None,
        rest: Mapping[str, Any],
    ) -> None:
        scope: Scope | None = self.scope
        while scope is not None and scope.kind is not ScopeKind.CLASS:
            scope = scope.parent
        if scope is None:
            return
        self.order += 1
        made = BindingKind.ATTRIBUTE if kind is BindingKind.ASSIGNMENT else kind
        binding = Binding(name, made, node, self.scope, self.order, value, loop=self.loop, branch=self.branch, **rest)
        scope.attributes.setdefault(name, []).append(binding)

    def inside(self, scope: Scope) -> Place:
        """Enter a scope; what to hand to `back` on leaving it."""
        saved = (self.scope, self.loop, self.branch, self.self_name)
        self.facts.scopes.append(scope)
        self.scope = scope
        return saved

    def back(self, saved: Place) -> None:
        """Leave a scope."""
        self.scope, self.loop, self.branch, self.self_name = saved

    def branched(
        self,
        kind: BranchKind,
        node: cst.CSTNode,
        parts: Sequence[Any],
        test: cst.BaseExpression | None = None,
        **meaning: bool,
    ) -> None:
        """Visit parts of a node that run on a condition, which is the test where there is one."""
        saved = self.branch
        self.enter(kind, node, test, **meaning)
        for part in parts:
            self.part(part, node)
        self.branch = saved

    def enter(
        self, kind: BranchKind, node: cst.CSTNode, test: cst.BaseExpression | None = None, **meaning: bool
    ) -> None:
        """Go into a branch, in which all holds that the one around it means."""
        above = self.branch
        if above is not None:
            for key in ("optional", "typing_only", "unreachable"):
                meaning[key] = meaning.get(key, False) or getattr(above, key)
        self.branch = Branch(kind, node, above, test=test, **meaning)
