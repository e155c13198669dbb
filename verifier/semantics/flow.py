"""What loops, branches and comprehensions add to the facts."""

from __future__ import annotations

import libcst as cst

from verifier.semantics.guards import catches_import_error, condition, suppresses_import_error, swallows
from verifier.semantics.model import BindingKind, BranchKind, Loop, Scope, ScopeKind
from verifier.semantics.state import Walk


def for_(walk: Walk, node: cst.For, _: cst.CSTNode) -> None:
    """A `for` with its iterable evaluated before the loop."""
    walk.statement = node
    walk.visit(node.iter, node)
    loop = Loop("for", node, walk.loop, walk.scope, walk.order, node.target, node.iter)
    _loop_body(walk, loop, node.body, node.target)
    walk.branched(BranchKind.ELSE, node, [node.orelse])


def while_(walk: Walk, node: cst.While, _: cst.CSTNode) -> None:
    """A `while`; its test runs on every turn."""
    walk.statement = node
    loop = Loop("while", node, walk.loop, walk.scope, walk.order, test=node.test)
    _loop_body(walk, loop, node.body, None, node.test)
    walk.branched(BranchKind.ELSE, node, [node.orelse])


def _loop_body(
    walk: Walk, loop: Loop, body: cst.CSTNode, target: cst.CSTNode | None, test: cst.CSTNode | None = None
) -> None:
    """Visit what runs on every turn of a loop."""
    walk.facts.loops.append(loop)
    saved, walk.loop = walk.loop, loop
    saved_branch = walk.branch
    if test is not None:
        walk.visit(test, loop.node)
    walk.enter(BranchKind.LOOP, loop.node)
    if target is not None:
        walk.target(target, BindingKind.LOOP)
    walk.visit(body, loop.node)
    loop.end = walk.order
    walk.loop, walk.branch = saved, saved_branch


def if_(walk: Walk, node: cst.If, _: cst.CSTNode) -> None:
    """An `if` with what its test says of either side."""
    walk.statement = node
    walk.visit(node.test, node)
    guard = condition(node.test, walk.python)
    walk.branched(
        BranchKind.IF,
        node,
        [node.body],
        node.test,
        typing_only=guard.typing_only,
        optional=guard.optional,
        unreachable=guard.truth is False,
    )
    optional = guard.optional or guard.typing_only
    walk.branched(BranchKind.ELSE, node, [node.orelse], node.test, optional=optional, unreachable=guard.truth is True)


def conditional(walk: Walk, node: cst.IfExp, _: cst.CSTNode) -> None:
    """`a if test else b`."""
    walk.visit(node.test, node)
    walk.branched(BranchKind.IF, node, [node.body], node.test)
    walk.branched(BranchKind.ELSE, node, [node.orelse], node.test)


def boolean(walk: Walk, node: cst.BooleanOperation, _: cst.CSTNode) -> None:
    """`a and b`, `a or b`: the right side runs only where the left one is true, or false."""
    walk.visit(node.left, node)
    kind = BranchKind.IF if isinstance(node.operator, cst.And) else BranchKind.ELSE
    walk.branched(kind, node, [node.right], node.left)


def try_(walk: Walk, node: cst.Try | cst.TryStar, _: cst.CSTNode) -> None:
    """A `try`: what its handlers take is optional in its body."""
    optional = isinstance(node, cst.Try) and catches_import_error(node)
    walk.branched(BranchKind.TRY, node, [node.body], optional=optional)
    for handler in node.handlers:
        walk.branched(BranchKind.EXCEPT, handler, [handler], optional=optional)
    if node.orelse is not None:
        walk.branched(BranchKind.ELSE, node, [node.orelse.body], optional=optional)
    if node.finalbody is not None:
        walk.visit(node.finalbody.body, node)


def handler(walk: Walk, node: cst.ExceptHandler | cst.ExceptStarHandler, _: cst.CSTNode) -> None:
    """An `except` clause."""
    if node.type is not None:
        walk.visit(node.type, node)
    if node.name is not None:
        walk.target(node.name.name, BindingKind.EXCEPT, node.type)
    walk.visit(node.body, node)


def with_(walk: Walk, node: cst.With, _: cst.CSTNode) -> None:
    """A `with` and the names it binds."""
    walk.statement = node
    for item in node.items:
        walk.visit(item.item, item)
        if item.asname is not None:
            walk.target(item.asname.name, BindingKind.WITH, item.item, asynchronous=node.asynchronous is not None)
    if swallows(node):
        walk.branched(BranchKind.TRY, node, [node.body], optional=suppresses_import_error(node))
    else:
        walk.visit(node.body, node)


def match_(walk: Walk, node: cst.Match, _: cst.CSTNode) -> None:
    """A `match`, each case a branch."""
    walk.statement = node
    walk.facts.subjects.append(walk.use(node.subject, node))
    walk.visit(node.subject, node)
    for case in node.cases:
        walk.branched(BranchKind.MATCH, case, [case.pattern, case.guard, case.body])


def capture(walk: Walk, node: cst.MatchAs | cst.MatchStar | cst.MatchMapping, _: cst.CSTNode) -> None:
    """A pattern that binds a name."""
    if isinstance(node, cst.MatchAs) and node.pattern is not None:
        walk.visit(node.pattern, node)
    if isinstance(node, cst.MatchMapping):
        walk.part(node.elements, node)
    name = node.rest if isinstance(node, cst.MatchMapping) else node.name
    if name is not None:
        walk.bind(name.value, BindingKind.PATTERN, name)


def match_keyword(walk: Walk, node: cst.MatchKeywordElement, _: cst.CSTNode) -> None:
    """A keyword pattern, whose name is no read."""
    walk.visit(node.pattern, node)


def comprehension(
    walk: Walk, node: cst.ListComp | cst.SetComp | cst.GeneratorExp | cst.DictComp, _: cst.CSTNode
) -> None:
    """A comprehension: the first iterable outside, the rest inside."""
    walk.visit(node.for_in.iter, node.for_in)
    saved = walk.inside(Scope(ScopeKind.COMPREHENSION, node, walk.scope))
    clause: cst.CompFor | None = node.for_in
    opened: list[Loop] = []
    tests: list[cst.BaseExpression] = []
    while clause is not None:
        if opened:
            walk.visit(clause.iter, clause)
        loop = Loop("comprehension", clause, walk.loop, walk.scope, walk.order, clause.target, clause.iter)
        walk.facts.loops.append(loop)
        walk.loop = loop
        opened.append(loop)
        walk.target(clause.target, BindingKind.LOOP)
        for test in clause.ifs:
            walk.visit(test.test, test)
            tests.append(test.test)
        clause = clause.inner_for_in
    parts = [node.key, node.value] if isinstance(node, cst.DictComp) else [node.elt]
    for condition_ in tests:
        walk.enter(BranchKind.IF, node, condition_)
    for part in parts:
        walk.visit(part, node)
    for loop in opened:
        loop.end = walk.order
    walk.back(saved)
