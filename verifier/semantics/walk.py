"""The one walk of a libcst tree: a plain descent over the semantic fields that records Facts."""

from __future__ import annotations

from collections.abc import Mapping

import libcst as cst

from verifier.semantics import definitions, flow
from verifier.semantics.model import Binding, BindingKind, Call, Facts
from verifier.semantics.state import Handler, Walk


def read(tree: cst.Module, path: str, python: tuple[int, int]) -> Facts:
    """The facts of one file for a target Python; it needs a recursion limit as deep as the tree."""
    walk = Walk(tree, path, python, _HANDLERS)
    walk.visit(tree, tree)
    return walk.facts


def _name(walk: Walk, node: cst.Name, parent: cst.CSTNode) -> None:
    """A read of a name."""
    walk.facts.names.append(walk.use(node, parent))


def _attribute(walk: Walk, node: cst.Attribute, parent: cst.CSTNode) -> None:
    """A read of an attribute; only the longest chain is recorded."""
    if type(parent) is not cst.Attribute:
        walk.facts.attributes.append(walk.use(node, parent))
    walk.visit(node.value, node)


def _call(walk: Walk, node: cst.Call, _: cst.CSTNode) -> None:
    """A call, then its function and arguments."""
    walk.order += 1
    walk.facts.calls.append(Call(node, walk.scope, walk.order, walk.loop, walk.branch, walk.statement))
    walk.visit(node.func, node)
    for arg in node.args:
        walk.visit(arg.value, arg)


def _comparison(walk: Walk, node: cst.Comparison, parent: cst.CSTNode) -> None:
    """A comparison, then its operands."""
    walk.facts.comparisons.append(walk.use(node, parent))
    walk.visit(node.left, node)
    for target in node.comparisons:
        walk.visit(target.comparator, target)


def _simple(walk: Walk, node: cst.SimpleStatementLine | cst.SimpleStatementSuite, _: cst.CSTNode) -> None:
    """The small statements of one line."""
    for small in node.body:
        walk.statement = small
        walk.visit(small, node)


def _assign(walk: Walk, node: cst.Assign, _: cst.CSTNode) -> None:
    """`targets = value`."""
    walk.visit(node.value, node)
    for each in node.targets:
        walk.target(each.target, BindingKind.ASSIGNMENT, node.value)


def _annotated(walk: Walk, node: cst.AnnAssign, _: cst.CSTNode) -> None:
    """`target: annotation = value`."""
    walk.visit(node.annotation.annotation, node.annotation)
    if node.value is not None:
        walk.visit(node.value, node)
    kind = BindingKind.ASSIGNMENT if node.value is not None else BindingKind.ANNOTATION
    walk.target(node.target, kind, node.value, annotation=node.annotation.annotation)


def _augmented(walk: Walk, node: cst.AugAssign, _: cst.CSTNode) -> None:
    """`target += value`."""
    walk.visit(node.target, node)
    walk.visit(node.value, node)
    if isinstance(node.target, cst.Name):
        made = walk.bind(node.target.value, BindingKind.AUGMENTED, node, value=node.value)
    else:
        made = Binding("", BindingKind.AUGMENTED, node, walk.scope, walk.order, node.value)
        made.loop, made.branch = walk.loop, walk.branch
    walk.facts.augmented.append(made)


def _walrus(walk: Walk, node: cst.NamedExpr, _: cst.CSTNode) -> None:
    """`name := value`."""
    walk.visit(node.value, node)
    walk.target(node.target, BindingKind.PATTERN, node.value)


def _delete(walk: Walk, node: cst.Del, _: cst.CSTNode) -> None:
    """`del target`."""
    walk.visit(node.target, node)
    if isinstance(node.target, cst.Name):
        walk.bind(node.target.value, BindingKind.DELETION, node)


_HANDLERS: Mapping[type[cst.CSTNode], Handler] = {
    cst.Name: _name,
    cst.Attribute: _attribute,
    cst.Call: _call,
    cst.Comparison: _comparison,
    cst.SimpleStatementLine: _simple,
    cst.SimpleStatementSuite: _simple,
    cst.Assign: _assign,
    cst.AnnAssign: _annotated,
    cst.AugAssign: _augmented,
    cst.NamedExpr: _walrus,
    cst.Del: _delete,
    cst.For: flow.for_,
    cst.While: flow.while_,
    cst.If: flow.if_,
    cst.IfExp: flow.conditional,
    cst.BooleanOperation: flow.boolean,
    cst.Try: flow.try_,
    cst.TryStar: flow.try_,
    cst.ExceptHandler: flow.handler,
    cst.ExceptStarHandler: flow.handler,
    cst.With: flow.with_,
    cst.Match: flow.match_,
    cst.MatchAs: flow.capture,
    cst.MatchStar: flow.capture,
    cst.MatchMapping: flow.capture,
    cst.MatchKeywordElement: flow.match_keyword,
    cst.FunctionDef: definitions.function,
    cst.Lambda: definitions.lambda_,
    cst.ClassDef: definitions.class_,
    cst.TypeAlias: definitions.type_alias,
    cst.ListComp: flow.comprehension,
    cst.SetComp: flow.comprehension,
    cst.GeneratorExp: flow.comprehension,
    cst.DictComp: flow.comprehension,
    cst.Import: definitions.import_,
    cst.ImportFrom: definitions.import_,
    cst.Global: definitions.global_,
    cst.Nonlocal: definitions.global_,
}
