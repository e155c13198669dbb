"""What one pass over a file sees done with names: bound, changed, handed on, kept; and which names share an object."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import libcst as cst

from verifier.costs.model import Alias, Costs, Doing, Doings, Done
from verifier.costs.objects.harmless import keeps, leaves_alone
from verifier.costs.objects.paths import ELEMENT, owner_of, path_of, sources
from verifier.semantics.fields import semantic_fields
from verifier.semantics.model import Scope, ScopeKind, instance_class

_TELLING = frozenset(
    {cst.Name, cst.Call, cst.Assign, cst.AnnAssign, cst.NamedExpr, cst.AugAssign, cst.For, cst.CompFor, cst.AsName}
    | {cst.Del, cst.Return, cst.Yield, cst.Element, cst.DictElement, cst.ListComp, cst.SetComp, cst.IfExp}
    | {cst.BooleanOperation, cst.Subscript, cst.IndentedBlock, cst.Module}
)
"""What does something besides holding other nodes; libcst's classes are abstract, and slow to compare with."""
_SPANNED = (
    cst.For,
    cst.While,
    cst.ListComp,
    cst.SetComp,
    cst.DictComp,
    cst.GeneratorExp,
    cst.BaseSmallStatement,
)


def doings(costs: Costs) -> Doings:
    """The doings of a file, worked out at the first question."""
    if costs.doings is None:
        reading = _Reading(costs)
        reading.visit(costs.facts.tree, costs.facts.module)
        costs.doings = Doings(
            reading.done,
            reading.aliases,
            reading.spans,
            reading.reads,
            reading.foreign,
            reading.statements,
            reading.blocks,
            reading.subscripts,
            reading.handed,
            frozenset(reading.leaving),
        )
    return costs.doings


class _Reading:
    """The state of the pass: how far it is, and what it has seen."""

    __slots__ = (
        "aliases",
        "blocks",
        "costs",
        "done",
        "foreign",
        "handed",
        "leaving",
        "place",
        "reads",
        "scopes",
        "spans",
        "statements",
        "subscripts",
    )

    def __init__(self, costs: Costs) -> None:
        self.costs = costs
        self.scopes = {id(each.node): each for each in costs.facts.scopes if each.kind is not ScopeKind.MODULE}
        self.place = 0
        self.done: dict[tuple[int, str], list[Doing]] = defaultdict(list)
        self.aliases: dict[tuple[int, str], list[Alias]] = defaultdict(list)
        self.spans: dict[int, tuple[int, int]] = {}
        self.foreign: dict[tuple[int, str], set[int]] = defaultdict(set)
        self.reads: dict[tuple[int, str], list[tuple[int, int]]] = defaultdict(list)
        self.statements: dict[int, cst.Assign | cst.AnnAssign] = {}
        self.subscripts: dict[int, cst.Subscript] = {}
        self.handed: dict[int, tuple[int, str]] = {}
        self.leaving: set[int] = set()
        self.blocks: dict[int, tuple[Sequence[cst.CSTNode], int]] = {}

    def visit(self, node: cst.CSTNode, scope: Scope, done: Done | None = None) -> None:
        """Record what a node does; `done` is what becomes of its value, None where it is only read."""
        self.place += 1
        start = self.place
        scope = self.scopes.get(id(node), scope)
        if done is not None and (path := path_of(node)) is not None:
            self.record(path, scope, done)
        if type(node) in _TELLING:
            self.tell(node, scope, done, start)
        else:
            self.children(node, scope)
        if isinstance(node, _SPANNED):
            self.spans[id(node)] = (start, self.place)

    def tell(self, node: cst.CSTNode, scope: Scope, done: Done | None, start: int) -> None:
        """Record what a node does, and those below it."""
        match node:
            case cst.Name(value=name):
                self.reads[owner_of(self.costs, name, scope), name].append((start, id(scope.function)))
            case cst.Call():
                self.call(node, scope)
            case cst.Assign() | cst.AnnAssign() | cst.NamedExpr() | cst.AugAssign():
                self.assign(node, scope)
            case cst.For(target=target, iter=inner) | cst.CompFor(target=target, iter=inner):
                self.bind(target, scope, inner, element=True)
                self.children(node, scope)
            case cst.AsName(name=target):
                self.bind(target, scope, None)
            case cst.Del(target=target):
                self.bind(target, scope, None)
            case cst.Return(value=value) | cst.Yield(value=value) if isinstance(value, cst.BaseExpression):
                self.visit(value, scope, Done.KEPT)
                if isinstance(node, cst.Return):
                    self.leaving.update(range(start, self.place + 1))
            case cst.Element(value=value):
                self.visit(value, scope, Done.KEPT)
            case cst.DictElement(key=key, value=value):
                self.visit(key, scope, Done.KEPT)
                self.visit(value, scope, Done.KEPT)
            case cst.ListComp(elt=value, for_in=inner) | cst.SetComp(elt=value, for_in=inner):
                self.visit(inner, scope)
                self.visit(value, scope, Done.KEPT)
            case cst.IfExp(test=test, body=body, orelse=orelse):
                self.visit(test, scope)
                self.visit(body, scope, done)
                self.visit(orelse, scope, done)
            case cst.BooleanOperation(left=left, right=right):
                self.visit(left, scope, done)
                self.visit(right, scope, done)
            case cst.Subscript(value=value):
                self.children(node, scope)
                self.subscripts[id(value)] = node
            case cst.IndentedBlock() | cst.Module():
                self.children(node, scope)
                self.block(node)
            case _:
                self.children(node, scope)

    def assign(self, node: cst.Assign | cst.AnnAssign | cst.NamedExpr | cst.AugAssign, scope: Scope) -> None:
        """An assignment: the value may now be reached by the target too; an augmented one changes its target."""
        match node:
            case cst.Assign(targets=targets, value=value):
                self.visit(value, scope, Done.KEPT)
                if len(targets) == 1:
                    self.statements[id(value)] = node
                for each in targets:
                    self.bind(each.target, scope, value)
            case cst.AugAssign(target=target, value=value):
                self.visit(value, scope)
                self.visit(target, scope, Done.CHANGED)
                if isinstance(target, cst.Subscript):
                    self.visit(target.value, scope, Done.CHANGED)
            case cst.AnnAssign(target=target, value=value) | cst.NamedExpr(target=target, value=value):
                if value is not None:
                    self.visit(value, scope, Done.KEPT)
                    if isinstance(node, cst.AnnAssign):
                        self.statements[id(value)] = node
                    self.bind(target, scope, value)

    def block(self, node: cst.IndentedBlock | cst.Module) -> None:
        """Remember where each statement of a block stands."""
        for index, line in enumerate(node.body):
            for each in line.body if isinstance(line, cst.SimpleStatementLine) else (line,):
                self.blocks[id(each)] = (node.body, index)

    def children(self, node: cst.CSTNode, scope: Scope) -> None:
        """Visit all below a node; their values are only read."""
        for name in semantic_fields(type(node)):
            value = getattr(node, name)
            for child in value if isinstance(value, list | tuple) else (value,):
                if isinstance(child, cst.CSTNode):
                    self.visit(child, scope)

    def call(self, node: cst.Call, scope: Scope) -> None:
        """A call may change its receiver and its arguments, or keep them, unless it is known to leave them alone."""
        harmless = leaves_alone(self.costs, node, scope)
        function, names = self.called(node.func, scope)
        if not isinstance(node.func, cst.Attribute):
            self.visit(node.func, scope)
        elif function is not None and (path := path_of(node.func.value)) is not None:
            self.record(path, scope, Done.CHANGED, (id(function), names[0]))
            self.visit(node.func.value, scope)
            names = names[1:]
        else:
            self.visit(node.func.value, scope, None if harmless else Done.CHANGED)
        given = None if harmless else Done.KEPT if function is None and keeps(node) else Done.PASSED
        starred = any(arg.star for arg in node.args)
        for index, arg in enumerate(node.args):
            place = names[index] if index < len(names) else ""
            name = arg.keyword.value if arg.keyword is not None else place
            if function is None or starred or name not in names:
                self.visit(arg.value, scope, given if not arg.star else None)
                continue
            self.handed[id(arg.value)] = (id(function), name)
            path = path_of(arg.value)
            if path is not None:
                self.record(path, scope, Done.PASSED, (id(function), name))
            self.visit(arg.value, scope, Done.PASSED if path is None else None)

    def called(self, func: cst.BaseExpression, scope: Scope) -> tuple[Scope | None, Sequence[str]]:
        """The function of the file that a call surely means, or the method of the same object, and its parameters."""
        match func:
            case cst.Name(value=name):
                owner = owner_of(self.costs, name, scope)
            case cst.Attribute(value=cst.Name(value=own), attr=cst.Name(value=name)):
                owner = id(instance_class(own, scope))
            case _:
                return None, ()
        found = [each for each in self.costs.functions.get(name, ()) if id(each.parent) == owner]
        if len(found) != 1 or not isinstance(found[0].node, cst.FunctionDef):
            return None, ()
        params = found[0].node.params
        names = [each.name.value for each in (*params.posonly_params, *params.params)]
        return (found[0], names) if names or isinstance(func, cst.Name) else (None, ())

    def bind(
        self, target: cst.CSTNode, scope: Scope, value: cst.BaseExpression | None, *, element: bool = False
    ) -> None:
        """A target gets a value, or an element of one: a container changes, a name is bound and shares the object."""
        match target:
            case cst.Tuple(elements=elements) | cst.List(elements=elements):
                parts = value.elements if isinstance(value, cst.Tuple | cst.List) and not element else ()
                for index, each in enumerate(elements):
                    part = parts[index].value if len(parts) == len(elements) else None
                    self.bind(each.value, scope, part or value, element=element or part is None)
            case cst.StarredElement(value=inner):
                self.bind(inner, scope, value, element=True)
            case cst.Subscript(value=inner):
                self.children(target, scope)
                if (path := path_of(inner)) is not None:
                    self.record(path, scope, Done.CHANGED)
            case cst.Name() | cst.Attribute():
                path = path_of(target)
                if path is not None:
                    self.record(path, scope, Done.BOUND)
                    for source in sources(value):
                        steps = (*source, ELEMENT) if element else source
                        self.share(path, steps, scope)
                if isinstance(target, cst.Attribute):
                    self.visit(target.value, scope)
            case _:
                self.children(target, scope)

    def record(self, path: tuple[str, ...], scope: Scope, done: Done, into: tuple[int, str] | None = None) -> None:
        """Remember one doing under the scope and name at the root of a path."""
        key = (owner_of(self.costs, path[0], scope), path[0])
        self.done[key].append(Doing(path, self.place, done, into))
        if done is not Done.KEPT and (function := scope.function) is not None and id(function) != key[0]:
            self.foreign[key].add(id(function))

    def share(self, path: tuple[str, ...], other: tuple[str, ...], scope: Scope) -> None:
        """Remember that two paths lead to one object."""
        one, two = ((owner_of(self.costs, each[0], scope), each[0]) for each in (path, other))
        self.aliases[one].append(Alias(path, two, other))
        self.aliases[two].append(Alias(other, one, path))
