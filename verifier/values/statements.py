"""What statements do to a point of a run; branches that constants rule out are not taken."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import libcst as cst

from verifier.values import definitions, guards, patterns, pure, texts
from verifier.values.binding import bind
from verifier.values.model import (
    UNKNOWN,
    constant,
)
from verifier.values.run import Run
from verifier.values.state import State

_CHEAPER = 64
"""How many things on the heap are merged while one expression is evaluated."""


def execute(run: Run, state: State, body: cst.BaseSuite | cst.Module) -> State | None:
    """The point at the end of a block, None where its end is never reached."""
    return _statements(run, state, body.body)


def _statements(run: Run, state: State, statements: Iterable[cst.CSTNode]) -> State | None:
    here: State | None = state
    for each in statements:
        if here is None:
            return None
        if isinstance(each, cst.SimpleStatementLine | cst.BaseSmallStatement):
            smalls = each.body if isinstance(each, cst.SimpleStatementLine) else [each]
            here = _simple(run, here, smalls)
        else:
            handle = _COMPOUND.get(type(each))
            here = handle(run, here, each) if handle else here
    return here


def _simple(run: Run, state: State, smalls: Iterable[cst.BaseSmallStatement]) -> State | None:
    for each in smalls:
        if not _small(run, state, each) or state.dead:
            return None
    return state


def _small(run: Run, state: State, node: cst.BaseSmallStatement) -> bool:
    """Do one small statement; whether the next one is reached."""
    match node:
        case cst.Expr():
            run.evaluate(run, state, node.value)
            if isinstance(node.value, cst.Call):
                guards.check_all(run, state, node.value)
        case cst.Assign():
            found = run.evaluate(run, state, node.value)
            for each in node.targets:
                bind(run, state, each.target, found)
        case cst.AnnAssign():
            if node.value is not None:
                bind(run, state, node.target, run.evaluate(run, state, node.value))
        case cst.AugAssign():
            left, right = run.evaluate(run, state, node.target), run.evaluate(run, state, node.value)
            bind(run, state, node.target, texts.operation(state, type(node.operator), left, right))
        case cst.Return():
            found = run.evaluate(run, state, node.value) if node.value else constant(None)
            if run.returned:
                run.returned[-1].append((found, state))
            return False
        case cst.Raise():
            if node.exc is not None:
                run.evaluate(run, state, node.exc)
            return False
        case cst.Break() | cst.Continue():
            if run.left:
                run.left[-1].append(state)
            return False
        case cst.Assert():
            answer = run.evaluate(run, state, node.test)
            guards.hold(run, state, node.test, holds=True)
            return pure.truth(answer) is not False
        case cst.Del():
            _delete(run, state, node.target)
        case cst.Import() | cst.ImportFrom():
            definitions.import_(state, node)
        case cst.Global():
            state.names.globals |= {each.name.value for each in node.names}
    return True


def _delete(run: Run, state: State, target: cst.BaseExpression) -> None:
    match target:
        case cst.Name():
            state.names.values.pop(target.value, None)
        case cst.Subscript():
            base = run.evaluate(run, state, target.value)
            if state.contents(base) is not None:
                state.store_any(base, state.any_member(base))
        case cst.Tuple():
            for each in target.elements:
                _delete(run, state, each.value)


def _if(run: Run, state: State, node: cst.If) -> State | None:
    answer = pure.truth(run.evaluate(run, state, node.test))
    ends: list[State | None] = []
    if answer is not False:
        way = state.copy()
        guards.hold(run, way, node.test, holds=True)
        ends.append(execute(run, way, node.body))
    if answer is not True:
        guards.hold(run, state, node.test, holds=False)
        match node.orelse:
            case cst.If():
                ends.append(_if(run, state, node.orelse))
            case cst.Else():
                ends.append(execute(run, state, node.orelse.body))
            case None:
                ends.append(state)
    return _met(run, ends)


def _met(run: Run, ends: Iterable[State | None]) -> State | None:
    alive = [each for each in ends if each is not None]
    run.steps += sum(len(each.heap) for each in alive[1:]) // _CHEAPER
    return alive[0].merge(alive[1:]) if alive else None


def _for(run: Run, state: State, node: cst.For) -> State | None:
    many = run.evaluate(run, state, node.iter)

    def turn(point: State) -> State | None:
        bind(run, point, node.target, point.any_member(many))
        return execute(run, point, node.body)

    end = _loop(run, state, node, turn)
    return execute(run, end, node.orelse.body) if node.orelse and end is not None else end


def _while(run: Run, state: State, node: cst.While) -> State | None:
    def turn(point: State) -> State | None:
        answer = pure.truth(run.evaluate(run, point, node.test))
        if answer is False:
            return None
        guards.hold(run, point, node.test, holds=True)
        return execute(run, point, node.body)

    return _loop(run, state, node, turn)


def _loop(run: Run, state: State, node: cst.For | cst.While, turn: Callable[[State], State | None]) -> State | None:
    """Run a body twice, so that what one turn does reaches the next; the loop may also end before the first."""
    endless = isinstance(node, cst.While) and isinstance(node.test, cst.Name) and node.test.value == "True"
    if id(node) not in run.assigned:
        run.assigned[id(node)] = frozenset(_assigned(node.body))
    for name in run.assigned[id(node)]:
        found = state.names.values.get(name)
        if found is not None and found.constants is not None:
            state.names.values[name] = replace(found, constants=None)
    ends = [] if endless else [state.copy()]
    state.loops += 1
    point: State | None = state
    for _ in range(2):
        if point is None:
            break
        run.left.append([])
        end = turn(point.copy())
        left = run.left.pop()
        reached = [each for each in (end, *left) if each is not None]
        ends += [each.copy() for each in reached]
        point = _met(run, reached)
    for each in ends:
        each.loops = state.loops - 1
    return _met(run, ends)


def _assigned(body: cst.BaseSuite) -> set[str]:
    """The names that a block may give another value."""
    found: set[str] = set()
    stack: list[cst.CSTNode] = [body]
    while stack:
        node = stack.pop()
        match node:
            case cst.Assign():
                for each in node.targets:
                    found |= _names(each.target)
            case cst.AugAssign() | cst.AnnAssign() | cst.For() | cst.NamedExpr():
                found |= _names(node.target)
            case cst.FunctionDef() | cst.ClassDef() | cst.Lambda():
                continue
        stack += node.children
    return found


def _names(target: cst.CSTNode) -> set[str]:
    match target:
        case cst.Name():
            return {target.value}
        case cst.Tuple() | cst.List():
            return {name for each in target.elements for name in _names(each.value)}
        case cst.StarredElement():
            return _names(target.value)
    return set()


def _try(run: Run, state: State, node: cst.Try | cst.TryStar) -> State | None:
    failed = state.copy()
    ends: list[State | None] = []
    end: State | None = state
    for each in node.body.body:  # any of them may fail
        if end is not None:
            before, end = end, _statements(run, end, [each])
            failed.merge([(end or before).copy()])
    if end is not None and node.orelse is not None:
        end = execute(run, end, node.orelse.body)
    ends.append(end)
    for handler in node.handlers:
        point = failed.copy()
        if handler.name is not None and isinstance(handler.name.name, cst.Name):
            bind(run, point, handler.name.name, UNKNOWN)
        ends.append(execute(run, point, handler.body))
    met = _met(run, ends)
    if node.finalbody is None:
        return met
    last = execute(run, met if met is not None else failed, node.finalbody.body)
    return last if met is not None else None


def _with(run: Run, state: State, node: cst.With) -> State | None:
    for each in node.items:
        found = run.evaluate(run, state, each.item)
        if each.asname is not None:
            bind(run, state, each.asname.name, found)
    return execute(run, state, node.body)


def _match(run: Run, state: State, node: cst.Match) -> State | None:
    subject = run.evaluate(run, state, node.subject)
    ends: list[State | None] = []
    for case in node.cases:
        answer = patterns.matches(case.pattern, subject)
        if answer is False:
            continue
        point = state.copy()
        for name in patterns.captured(case.pattern):
            bind(run, point, name, point.any_member(subject) if subject.box is not None else subject)
        passed = pure.truth(run.evaluate(run, point, case.guard)) if case.guard is not None else True
        if passed is not False:
            ends.append(execute(run, point, case.body))
        if answer and passed:
            return _met(run, ends)
    return _met(run, [*ends, state])


_COMPOUND: dict[type[cst.CSTNode], Callable[[Run, State, Any], State | None]] = {
    cst.If: _if,
    cst.For: _for,
    cst.While: _while,
    cst.Try: _try,
    cst.TryStar: _try,
    cst.With: _with,
    cst.Match: _match,
    cst.FunctionDef: definitions.function,
    cst.ClassDef: definitions.class_,
}
