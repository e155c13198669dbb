"""The one walk of a libcst tree: a plain descent over the semantic fields that records Facts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import libcst as cst

from verifier.semantics.fields import semantic_fields
from verifier.semantics.guards import catches_import_error, condition
from verifier.semantics.imports import record_import
from verifier.semantics.model import (
    Binding,
    BindingKind,
    Branch,
    BranchKind,
    Call,
    Facts,
    Loop,
    Scope,
    ScopeKind,
    Use,
)


def read(tree: cst.Module, path: str, python: tuple[int, int]) -> Facts:
    """The facts of one file for a target Python; it needs a recursion limit as deep as the tree."""
    walk = _Walk(tree, path, python)
    walk.visit(tree, tree)
    return walk.facts


class _Walk:
    """The state of a walk: where it stands, and the facts so far."""

    __slots__ = ("branch", "facts", "loop", "order", "path", "python", "scope", "self_name", "statement")

    def __init__(self, tree: cst.Module, path: str, python: tuple[int, int]) -> None:
        module = Scope(ScopeKind.MODULE, tree, None)
        self.facts = Facts(tree, module, [module])
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
        if handler := _HANDLERS.get(kind):
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

    def target(self, node: cst.CSTNode, kind: BindingKind, value: cst.BaseExpression | None = None, **rest: Any) -> None:
        """Record what an assignment target binds, and visit what it only uses."""
        match node:
            case cst.Name():
                self.bind(node.value, kind, node, value=value, **rest)
            case cst.Tuple() | cst.List():
                values: Sequence[Any] = ()
                if isinstance(value, cst.Tuple | cst.List) and len(value.elements) == len(node.elements):
                    values = value.elements
                for index, element in enumerate(node.elements):
                    part = values[index].value if values else None
                    self.target(element.value, kind, part if type(element) is cst.Element else None, **rest)
            case cst.StarredElement():
                self.target(node.value, kind)
            case cst.Attribute(value=cst.Name(value=name), attr=attr) if name == self.self_name:
                self._bind_attribute(attr.value, node, kind, value, rest.get("annotation"))
                self.visit(node.value, node)
            case _:
                self.visit(node, node)

    def _bind_attribute(
        self,
        name: str,
        node: cst.CSTNode,
        kind: BindingKind,
        value: cst.BaseExpression | None,
        annotation: cst.BaseExpression | None,
    ) -> None:
        scope: Scope | None = self.scope
        while scope is not None and scope.kind is not ScopeKind.CLASS:
            scope = scope.parent
        if scope is None:
            return
        self.order += 1
        made = BindingKind.ATTRIBUTE if kind is BindingKind.ASSIGNMENT else kind
        binding = Binding(name, made, node, self.scope, self.order, value, annotation, self.loop, self.branch)
        scope.attributes.setdefault(name, []).append(binding)

    def _inside(self, scope: Scope) -> tuple[Scope, Loop | None, Branch | None, str | None]:
        saved = (self.scope, self.loop, self.branch, self.self_name)
        self.facts.scopes.append(scope)
        self.scope = scope
        return saved

    def _back(self, saved: tuple[Scope, Loop | None, Branch | None, str | None]) -> None:
        self.scope, self.loop, self.branch, self.self_name = saved

    def _branch(self, kind: BranchKind, node: cst.CSTNode, parts: Sequence[Any], **meaning: bool) -> None:
        saved = self.branch
        above = saved
        if above is not None:
            for key in ("optional", "typing_only", "unreachable"):
                meaning[key] = meaning.get(key, False) or getattr(above, key)
        self.branch = Branch(kind, node, saved, **meaning)
        for part in parts:
            self.part(part, node)
        self.branch = saved

    # One method per kind of node; what has none is walked field by field.

    def _name(self, node: cst.Name, parent: cst.CSTNode) -> None:
        self.facts.names.append(self.use(node, parent))

    def _attribute(self, node: cst.Attribute, parent: cst.CSTNode) -> None:
        if type(parent) is not cst.Attribute:
            self.facts.attributes.append(self.use(node, parent))
        self.visit(node.value, node)

    def _call(self, node: cst.Call, parent: cst.CSTNode) -> None:
        self.order += 1
        self.facts.calls.append(Call(node, self.scope, self.order, self.loop, self.branch, self.statement))
        self.visit(node.func, node)
        for arg in node.args:
            self.visit(arg.value, arg)

    def _comparison(self, node: cst.Comparison, parent: cst.CSTNode) -> None:
        self.facts.comparisons.append(self.use(node, parent))
        self.visit(node.left, node)
        for target in node.comparisons:
            self.visit(target.comparator, target)

    def _simple(self, node: cst.SimpleStatementLine | cst.SimpleStatementSuite, _: cst.CSTNode) -> None:
        for small in node.body:
            self.statement = small
            self.visit(small, node)

    def _assign(self, node: cst.Assign, _: cst.CSTNode) -> None:
        self.visit(node.value, node)
        for each in node.targets:
            self.target(each.target, BindingKind.ASSIGNMENT, node.value)

    def _annotated(self, node: cst.AnnAssign, _: cst.CSTNode) -> None:
        self.visit(node.annotation.annotation, node.annotation)
        if node.value is not None:
            self.visit(node.value, node)
        kind = BindingKind.ASSIGNMENT if node.value is not None else BindingKind.ANNOTATION
        self.target(node.target, kind, node.value, annotation=node.annotation.annotation)

    def _augmented(self, node: cst.AugAssign, _: cst.CSTNode) -> None:
        self.visit(node.target, node)
        self.visit(node.value, node)
        if isinstance(node.target, cst.Name):
            made = self.bind(node.target.value, BindingKind.AUGMENTED, node, value=node.value)
        else:
            made = Binding("", BindingKind.AUGMENTED, node, self.scope, self.order, node.value)
            made.loop, made.branch = self.loop, self.branch
        self.facts.augmented.append(made)

    def _walrus(self, node: cst.NamedExpr, _: cst.CSTNode) -> None:
        self.visit(node.value, node)
        self.target(node.target, BindingKind.PATTERN, node.value)

    def _delete(self, node: cst.Del, _: cst.CSTNode) -> None:
        self.visit(node.target, node)
        if isinstance(node.target, cst.Name):
            self.bind(node.target.value, BindingKind.DELETION, node)

    def _for(self, node: cst.For, _: cst.CSTNode) -> None:
        self.statement = node
        self.visit(node.iter, node)
        loop = Loop("for", node, self.loop, self.scope, self.order, node.target, node.iter)
        self._loop_body(loop, node.body, node.target)
        self._branch(BranchKind.ELSE, node, [node.orelse])

    def _while(self, node: cst.While, _: cst.CSTNode) -> None:
        self.statement = node
        loop = Loop("while", node, self.loop, self.scope, self.order, test=node.test)
        self._loop_body(loop, node.body, None, node.test)
        self._branch(BranchKind.ELSE, node, [node.orelse])

    def _loop_body(
        self, loop: Loop, body: cst.CSTNode, target: cst.CSTNode | None, test: cst.CSTNode | None = None
    ) -> None:
        self.facts.loops.append(loop)
        saved, self.loop = self.loop, loop
        saved_branch = self.branch
        if test is not None:
            self.visit(test, loop.node)
        above = saved_branch
        self.branch = Branch(BranchKind.LOOP, loop.node, above)
        if above is not None:
            self.branch.optional, self.branch.typing_only = above.optional, above.typing_only
            self.branch.unreachable = above.unreachable
        if target is not None:
            self.target(target, BindingKind.LOOP)
        self.visit(body, loop.node)
        loop.end = self.order
        self.loop, self.branch = saved, saved_branch

    def _if(self, node: cst.If, _: cst.CSTNode) -> None:
        self.statement = node
        self.visit(node.test, node)
        guard = condition(node.test, self.python)
        self._branch(
            BranchKind.IF,
            node,
            [node.body],
            typing_only=guard.typing_only,
            optional=guard.optional,
            unreachable=guard.truth is False,
        )
        optional = guard.optional or guard.typing_only
        self._branch(BranchKind.ELSE, node, [node.orelse], optional=optional, unreachable=guard.truth is True)

    def _conditional(self, node: cst.IfExp, _: cst.CSTNode) -> None:
        self.visit(node.test, node)
        self.visit(node.body, node)
        self.visit(node.orelse, node)

    def _try(self, node: cst.Try | cst.TryStar, _: cst.CSTNode) -> None:
        optional = isinstance(node, cst.Try) and catches_import_error(node)
        self._branch(BranchKind.TRY, node, [node.body], optional=optional)
        for handler in node.handlers:
            self._branch(BranchKind.EXCEPT, handler, [handler], optional=optional)
        if node.orelse is not None:
            self._branch(BranchKind.ELSE, node, [node.orelse.body], optional=optional)
        if node.finalbody is not None:
            self.visit(node.finalbody.body, node)

    def _handler(self, node: cst.ExceptHandler | cst.ExceptStarHandler, _: cst.CSTNode) -> None:
        if node.type is not None:
            self.visit(node.type, node)
        if node.name is not None:
            self.target(node.name.name, BindingKind.EXCEPT, node.type)
        self.visit(node.body, node)

    def _with(self, node: cst.With, _: cst.CSTNode) -> None:
        self.statement = node
        for item in node.items:
            self.visit(item.item, item)
            if item.asname is not None:
                self.target(item.asname.name, BindingKind.WITH, item.item)
        self.visit(node.body, node)

    def _match(self, node: cst.Match, _: cst.CSTNode) -> None:
        self.statement = node
        self.visit(node.subject, node)
        for case in node.cases:
            self._branch(BranchKind.MATCH, case, [case.pattern, case.guard, case.body])

    def _capture(self, node: cst.MatchAs | cst.MatchStar | cst.MatchMapping, _: cst.CSTNode) -> None:
        if isinstance(node, cst.MatchAs) and node.pattern is not None:
            self.visit(node.pattern, node)
        if isinstance(node, cst.MatchMapping):
            self.part(node.elements, node)
        name = node.rest if isinstance(node, cst.MatchMapping) else node.name
        if name is not None:
            self.bind(name.value, BindingKind.PATTERN, name)

    def _match_keyword(self, node: cst.MatchKeywordElement, _: cst.CSTNode) -> None:
        self.visit(node.pattern, node)

    def _function(self, node: cst.FunctionDef, _: cst.CSTNode) -> None:
        self.statement = node
        self.part([decorator.decorator for decorator in node.decorators], node)
        self._defaults(node.params)
        binding_order = self.bind(node.name.value, BindingKind.FUNCTION, node)
        outer = self.scope
        saved_outer = self._type_parameters(node.type_parameters, node)
        self._annotations(node.params)
        if node.returns is not None:
            self.visit(node.returns.annotation, node.returns)
        scope = Scope(ScopeKind.FUNCTION, node, self.scope, node.name.value)
        saved = self._inside(scope)
        self.loop, self.branch = None, binding_order.branch
        if outer.kind is ScopeKind.CLASS:
            first = (*node.params.posonly_params, *node.params.params)[:1]
            static = any(getattr(each.decorator, "value", "") == "staticmethod" for each in node.decorators)
            self.self_name = first[0].name.value if first and not static else None
        self._parameters(node.params)
        self.visit(node.body, node)
        self._back(saved)
        if saved_outer:
            self._back(saved_outer)

    def _lambda(self, node: cst.Lambda, _: cst.CSTNode) -> None:
        self._defaults(node.params)
        saved = self._inside(Scope(ScopeKind.LAMBDA, node, self.scope, "<lambda>"))
        self._parameters(node.params)
        self.visit(node.body, node)
        self._back(saved)

    def _class(self, node: cst.ClassDef, _: cst.CSTNode) -> None:
        self.statement = node
        self.part([decorator.decorator for decorator in node.decorators], node)
        self.bind(node.name.value, BindingKind.CLASS, node)
        saved_outer = self._type_parameters(node.type_parameters, node)
        for arg in (*node.bases, *node.keywords):
            self.visit(arg.value, arg)
        saved = self._inside(Scope(ScopeKind.CLASS, node, self.scope, node.name.value))
        self.self_name = None
        self.visit(node.body, node)
        self._back(saved)
        if saved_outer:
            self._back(saved_outer)

    def _type_parameters(
        self, params: cst.TypeParameters | None, node: cst.CSTNode
    ) -> tuple[Scope, Loop | None, Branch | None, str | None] | None:
        if params is None:
            return None
        saved = self._inside(Scope(ScopeKind.TYPE_PARAMETERS, node, self.scope))
        for each in params.params:
            self.bind(each.param.name.value, BindingKind.TYPE_PARAMETER, each)
            self.part(getattr(each.param, "bound", None), each)
            self.part(each.default, each)
        return saved

    def _type_alias(self, node: cst.TypeAlias, _: cst.CSTNode) -> None:
        self.bind(node.name.value, BindingKind.ASSIGNMENT, node.name)
        saved = self._type_parameters(node.type_parameters, node)
        self.visit(node.value, node)
        if saved:
            self._back(saved)

    def _defaults(self, params: cst.Parameters) -> None:
        for param in _every(params):
            if param.default is not None:
                self.visit(param.default, param)

    def _annotations(self, params: cst.Parameters) -> None:
        for param in _every(params):
            if param.annotation is not None:
                self.visit(param.annotation.annotation, param.annotation)

    def _parameters(self, params: cst.Parameters) -> None:
        for param in _every(params):
            annotation = param.annotation.annotation if param.annotation else None
            self.bind(param.name.value, BindingKind.PARAMETER, param, value=param.default, annotation=annotation)

    def _comprehension(
        self, node: cst.ListComp | cst.SetComp | cst.GeneratorExp | cst.DictComp, _: cst.CSTNode
    ) -> None:
        self.visit(node.for_in.iter, node.for_in)
        saved = self._inside(Scope(ScopeKind.COMPREHENSION, node, self.scope))
        clause: cst.CompFor | None = node.for_in
        opened: list[Loop] = []
        while clause is not None:
            if opened:
                self.visit(clause.iter, clause)
            loop = Loop("comprehension", clause, self.loop, self.scope, self.order, clause.target, clause.iter)
            self.facts.loops.append(loop)
            self.loop = loop
            opened.append(loop)
            self.target(clause.target, BindingKind.LOOP)
            for test in clause.ifs:
                self.visit(test.test, test)
            clause = clause.inner_for_in
        if isinstance(node, cst.DictComp):
            self.visit(node.key, node)
            self.visit(node.value, node)
        else:
            self.visit(node.elt, node)
        for loop in opened:
            loop.end = self.order
        self._back(saved)

    def _import(self, node: cst.Import | cst.ImportFrom, _: cst.CSTNode) -> None:
        sites, bound = record_import(node, self.path, self.branch)
        self.facts.imports.extend(sites)
        for name, path in bound:
            if name == "*":
                self.scope.stars.append(path)
            else:
                self.bind(name, BindingKind.IMPORT, node, path=path)

    def _global(self, node: cst.Global | cst.Nonlocal, _: cst.CSTNode) -> None:
        kind = ScopeKind.MODULE if isinstance(node, cst.Global) else ScopeKind.FUNCTION
        for item in node.names:
            self.scope.outer[item.name.value] = kind


def _every(params: cst.Parameters) -> list[cst.Param]:
    stars = [each for each in (params.star_arg, params.star_kwarg) if isinstance(each, cst.Param)]
    return [*params.posonly_params, *params.params, *params.kwonly_params, *stars]


_HANDLERS: dict[type[cst.CSTNode], Callable[[_Walk, Any, cst.CSTNode], None]] = {
    cst.Name: _Walk._name,
    cst.Attribute: _Walk._attribute,
    cst.Call: _Walk._call,
    cst.Comparison: _Walk._comparison,
    cst.SimpleStatementLine: _Walk._simple,
    cst.SimpleStatementSuite: _Walk._simple,
    cst.Assign: _Walk._assign,
    cst.AnnAssign: _Walk._annotated,
    cst.AugAssign: _Walk._augmented,
    cst.NamedExpr: _Walk._walrus,
    cst.Del: _Walk._delete,
    cst.For: _Walk._for,
    cst.While: _Walk._while,
    cst.If: _Walk._if,
    cst.IfExp: _Walk._conditional,
    cst.Try: _Walk._try,
    cst.TryStar: _Walk._try,
    cst.ExceptHandler: _Walk._handler,
    cst.ExceptStarHandler: _Walk._handler,
    cst.With: _Walk._with,
    cst.Match: _Walk._match,
    cst.MatchAs: _Walk._capture,
    cst.MatchStar: _Walk._capture,
    cst.MatchMapping: _Walk._capture,
    cst.MatchKeywordElement: _Walk._match_keyword,
    cst.FunctionDef: _Walk._function,
    cst.Lambda: _Walk._lambda,
    cst.ClassDef: _Walk._class,
    cst.TypeAlias: _Walk._type_alias,
    cst.ListComp: _Walk._comprehension,
    cst.SetComp: _Walk._comprehension,
    cst.GeneratorExp: _Walk._comprehension,
    cst.DictComp: _Walk._comprehension,
    cst.Import: _Walk._import,
    cst.ImportFrom: _Walk._import,
    cst.Global: _Walk._global,
    cst.Nonlocal: _Walk._global,
}
