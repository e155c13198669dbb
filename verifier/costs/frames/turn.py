"""What the statements of one turn do: whether all of it is work on values that can be done for all turns at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import libcst as cst

from verifier.costs.frames.vectors import At, Seen, elementwise

_ADDING = (cst.AddAssign, cst.SubtractAssign, cst.MultiplyAssign, cst.BitOrAssign, cst.BitAndAssign)


@dataclass(slots=True, eq=False)
class Turn:
    """One turn of a loop, or one call of a function; it grows while the statements are read."""

    at: At
    seen: Seen
    assigned: frozenset[str]
    """Names that any statement of the turn sets."""
    collected: frozenset[str]
    """Names that the turns add to: sums, lists, dictionaries."""
    own: set[str] = field(default_factory=set)
    """Names that this turn has surely set so far."""
    stored: set[str] = field(default_factory=set)
    """What the turn writes of the row or element that it is at."""
    effects: int = 0
    answers: bool = False
    """Whether it may return: the body of a function."""


def works(body: Sequence[cst.BaseStatement | cst.BaseSmallStatement], at: At, *, answers: bool = False) -> Turn | None:
    """The turn that some statements are, None where they do more than work on values or depend on earlier turns."""
    assigned, collected = _targets(body)
    turn = Turn(at, Seen(), frozenset(assigned), frozenset(collected - assigned), answers=answers)
    if not _block(body, turn) or not turn.seen.fields or not turn.effects:
        return None
    shifted = {each.removesuffix(" of another row") for each in turn.seen.fields if each.endswith(" of another row")}
    return None if shifted & turn.stored else turn


def _targets(body: Sequence[cst.CSTNode]) -> tuple[set[str], set[str]]:
    """The names that statements set, and those that they add to."""
    assigned: set[str] = set()
    collected: set[str] = set()
    for small in _smalls(body):
        match small:
            case cst.Assign(targets=targets):
                assigned |= {each.target.value for each in targets if isinstance(each.target, cst.Name)}
                collected |= {_owner(each.target) for each in targets if isinstance(each.target, cst.Subscript)}
            case cst.AnnAssign(target=cst.Name(value=name)):
                assigned.add(name)
            case cst.AugAssign(target=target):
                collected.add(_owner(target))
            case cst.Expr(value=cst.Call(func=cst.Attribute(value=value))):
                collected.add(_owner(value))
            case _:
                pass
    return assigned, collected


def _smalls(body: Sequence[cst.CSTNode]) -> Iterator[cst.CSTNode]:
    for each in body:
        match each:
            case cst.SimpleStatementLine(body=smalls):
                yield from smalls
            case cst.If(body=inner, orelse=orelse):
                yield from _smalls(inner.body)
                yield from _smalls([orelse] if isinstance(orelse, cst.If) else orelse.body.body if orelse else [])
            case cst.For(body=inner):
                yield from _smalls(inner.body)
            case _:
                pass


def _owner(node: cst.BaseExpression) -> str:
    while isinstance(node, cst.Subscript | cst.Attribute):
        node = node.value
    return node.value if isinstance(node, cst.Name) else ""


def _block(body: Sequence[cst.CSTNode], turn: Turn) -> bool:
    return all(_statement(each, turn) for each in body)


def _statement(node: cst.CSTNode, turn: Turn) -> bool:
    match node:
        case cst.SimpleStatementLine(body=smalls):
            return all(_small(each, turn) for each in smalls)
        case cst.If(test=test, body=body, orelse=orelse):
            turn.seen.work += 1
            if not _value(_asked(test, turn), turn):
                return False
            before = set(turn.own)
            if not _block(body.body, turn):
                return False
            then, turn.own = turn.own, before
            rest: Sequence[cst.CSTNode] = (
                [orelse] if isinstance(orelse, cst.If) else orelse.body.body if orelse is not None else []
            )
            if not _block(rest, turn):
                return False
            turn.own &= then
            return True
        case cst.For(target=cst.Name(value=name), iter=cst.Call(func=cst.Name(value="range")), body=body, orelse=None):
            before = {*turn.own, name}
            turn.own = before.difference(*_targets(body.body))  # what an inner turn leaves to the next one
            fine = turn.at.reducing and _block(body.body, turn)
            turn.own = before
            return fine
        case _:
            return False


def _asked(test: cst.BaseExpression, turn: Turn) -> cst.BaseExpression:
    """What a test reads of the turn: of `key not in totals`, where the turns add to `totals`, the key."""
    match test:
        case cst.Comparison(
            left=key,
            comparisons=[cst.ComparisonTarget(operator=cst.In() | cst.NotIn(), comparator=cst.Name(value=name))],
        ) if name in turn.collected:
            return key
        case _:
            return test


def _added(value: cst.BaseExpression, target: cst.BaseExpression) -> cst.BaseExpression:
    """What is added in `totals[key] = totals.get(key, 0) + x`; any other value itself."""
    match target, value:
        case (
            cst.Subscript(value=cst.Name(value=name)),
            cst.BinaryOperation(
                left=cst.Call(func=cst.Attribute(value=cst.Name(value=owner), attr=cst.Name(value="get"))),
                operator=cst.Add(),
                right=right,
            ),
        ) if name == owner:
            return right
        case _:
            return value


def _small(node: cst.CSTNode, turn: Turn) -> bool:
    match node:
        case cst.Pass() | cst.Continue():
            return not turn.answers or isinstance(node, cst.Pass)
        case cst.Expr(value=cst.SimpleString()):
            return True
        case cst.Return(value=value) if turn.answers and value is not None:
            turn.effects += 1
            return _value(value, turn)
        case cst.Assign(targets=[cst.AssignTarget(target=target)], value=value):
            return _value(_added(value, target), turn) and _set(target, turn)
        case cst.AnnAssign(target=target, value=value) if value is not None:
            return _value(value, turn) and _set(target, turn)
        case cst.AugAssign(target=cst.Name(value=name), operator=operator, value=value):
            turn.seen.work += 1
            if name in turn.own:
                return _value(value, turn)
            turn.effects += 1
            return isinstance(operator, _ADDING) and not turn.answers and _value(value, turn)
        case cst.AugAssign(target=cst.Subscript() as target, operator=operator, value=value):
            turn.seen.work += 1
            return isinstance(operator, _ADDING) and _value(value, turn) and _set(target, turn)
        case cst.Expr(
            value=cst.Call(
                func=cst.Attribute(value=cst.Name(value=name), attr=cst.Name(value="append" | "add")),
                args=[cst.Arg(value=value, star="")],
            )
        ):
            turn.effects += 1
            return name not in turn.own and not turn.answers and _values(value, turn)
        case _:
            return False


def _set(target: cst.BaseExpression, turn: Turn) -> bool:
    """Whether a target is a name, what the turn is at, or an entry of a dictionary by something of the row."""
    if isinstance(target, cst.Name):
        turn.own.add(target.value)
        return True
    if turn.answers:
        return False
    turn.effects += 1
    read = turn.at.reads(target)
    if read is not None:
        turn.stored.add(read)
        return not read.endswith(" of another row")
    match target:
        case cst.Subscript(value=cst.Name(value=name), slice=[cst.SubscriptElement(slice=cst.Index(value=key))]) if (
            name not in turn.own
        ):
            return _value(key, turn)
        case _:
            return False


def _values(node: cst.BaseExpression, turn: Turn) -> bool:
    """Whether what is put into a list is a value, or a display of values with which the turn has worked."""
    match node:
        case cst.Dict(elements=elements):
            fine = all(
                isinstance(each, cst.DictElement)
                and isinstance(each.key, cst.SimpleString)
                and _value(each.value, turn)
                for each in elements
            )
            return fine and turn.seen.work > 0
        case cst.List(elements=parts) | cst.Tuple(elements=parts):
            return all(_value(each.value, turn) for each in parts) and turn.seen.work > 0
        case _:
            return _value(node, turn)


def _value(node: cst.BaseExpression, turn: Turn) -> bool:
    """Whether a value is made from this turn alone: no name that another turn has set or adds to."""
    before = turn.seen.names
    turn.seen.names = set()
    fine = elementwise(node, turn.at, turn.seen)
    carried = ((turn.assigned | turn.collected) & turn.seen.names) - turn.own
    turn.seen.names |= before
    return fine and not carried


def columns(turn: Turn) -> str:
    """The columns or arrays that a turn reads, for the evidence."""
    return ", ".join(sorted({each.strip("'\"") for each in turn.seen.fields}))
