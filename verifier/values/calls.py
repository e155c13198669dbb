"""What a call gives: functions of the file are followed, known ones computed, the others hand on what they got."""

from __future__ import annotations

from dataclasses import replace

import libcst as cst

from verifier.values import containers, library, pure, texts
from verifier.values.arguments import destinations, is_number_or_flag
from verifier.values.following import Arguments, follow, name_of
from verifier.values.guards import tested
from verifier.values.marks import CHECKED, SCALAR
from verifier.values.model import (
    Bound,
    Class,
    Contents,
    Function,
    Value,
    marked,
    pasted,
    pieces,
)
from verifier.values.run import Run
from verifier.values.state import State
from verifier.values.unknown import CLEANING, unknown

_ENDING = frozenset(
    {"sys.exit", "os._exit", "builtins.exit", "builtins.quit", "os.abort", "flask.abort", "werkzeug.exceptions.abort"}
    | {"bottle.abort", "quart.abort", "abort"}
)


def call(run: Run, state: State, node: cst.Call) -> Value:
    """The value of a call."""
    function = run.evaluate(run, state, node.func)
    args = _arguments(run, state, node)
    found = _called(run, state, node, function, args)
    kind = args.words.get("type")
    if kind is not None and kind.reference in {"builtins.int", "builtins.float", "builtins.bool"}:
        found = marked(found, SCALAR)
    name = tested(node)
    return replace(found, tested=name) if name else found


def _arguments(run: Run, state: State, node: cst.Call) -> Arguments:
    positions: list[Value] = []
    words: dict[str, Value] = {}
    more: Value | None = None
    for each in node.args:
        value = run.evaluate(run, state, each.value)
        if each.star == "" and each.keyword is not None:
            words[each.keyword.value] = value
        elif each.star == "" and more is None:
            positions.append(value)
        else:
            held = state.contents(value) if each.star else None
            if each.star == "*" and held is not None and held.exact and held.kind == "list" and more is None:
                positions += [held.items[key] for key in sorted(held.items)]
                continue
            if each.star == "**" and held is not None and held.exact:
                words |= {str(key): member for key, member in held.items.items()}
                continue
            value = state.any_member(value) if each.star else value
            more = value if more is None else state.either(more, value)
    return Arguments(positions, words, more)


def _called(run: Run, state: State, node: cst.Call, function: Value, args: Arguments) -> Value:
    match function.reference:
        case Function():
            found = follow(run, state, node, function.reference, args)
            return marked(found, CHECKED) if CLEANING.search(name_of(function.reference)) else found
        case Class():
            return _constructed(run, state, node, function.reference, args)
        case Bound(function=Function() as method):
            arguments = replace(args, positions=[function.reference.receiver, *args.positions])
            found = follow(run, state, node, method, arguments)
            return marked(found, CHECKED) if CLEANING.search(name_of(method)) else found
        case Bound():
            return _method(run, state, node, function, args)
        case str(path):
            if path in _ENDING:
                state.dead = True
            known = library.call(state, path, args.positions, args.words, node)
            if known is not None:
                return known
            return unknown(run, state, node, path, [Value(taints=function.taints), *args.all()], args)
    return unknown(run, state, node, "", [function, *args.all()], args)


def _method(run: Run, state: State, node: cst.Call, function: Value, args: Arguments) -> Value:
    assert isinstance(function.reference, Bound)  # noqa: S101  # by the caller
    receiver, name = function.reference.receiver, function.reference.name
    found = pure.method(receiver, name, args.positions) if not args.words and args.more is None else None
    if found is not None:
        return found
    if name == "join" and len(args.positions) == 1:
        return texts.joined(state, receiver, args.positions[0])
    if name == "format" and state.contents(receiver) is None:
        return texts.formatted_by(state, receiver, args.positions, args.words)
    if name == "joinpath" and state.contents(receiver) is None:
        parts = [piece for each in (receiver, *args.positions) for piece in ("/", *pieces(each))][1:]
        return pasted(parts)
    if state.contents(receiver) is not None:
        found = containers.method(state, receiver, name, args.positions, args.words)
        if found is not None:
            return found
    if name == "add_argument" and ("choices" in args.words or is_number_or_flag(args)):
        run.numbers.update(destinations(args))
    found = _of_the_only_class(run, state, node, function, args)
    if found is not None:
        return found
    if name in _SHAPING and (receiver.text is not None or not args.positions):
        return texts.same_shape(receiver)
    if name in containers.BUILDING:
        _built(state, node, args)
    # What the call as a whole is a source of comes with the attribute.
    return unknown(run, state, node, name, [Value(taints=function.taints), receiver, *args.all()], args)


_SHAPING = frozenset(
    [
        "strip",
        "lstrip",
        "rstrip",
        "lower",
        "upper",
        "casefold",
        "title",
        "capitalize",
        "encode",
        "decode",
        "expandtabs",
        "swapcase",
        "resolve",
        "absolute",
        "expanduser",
        "as_posix",
        "__str__",
    ]
)


def _of_the_only_class(run: Run, state: State, node: cst.Call, function: Value, args: Arguments) -> Value | None:
    """The result of a method of something unknown, where only one class of the file has a method of that name."""
    assert isinstance(function.reference, Bound)  # noqa: S101  # by the caller
    receiver, known = function.reference.receiver, run.methods.get(function.reference.name, [])
    if len(known) != 1 or receiver.constants is not None or receiver.box is not None:
        return None
    owner = known[0].owner
    if owner is None or function.reference.name in _COMMON:
        return None
    contents = Contents("object", dict(owner.attributes), None, exact=False, owner=owner)
    return follow(run, state, node, known[0], replace(args, positions=[state.new(contents), *args.positions]))


_COMMON = frozenset(
    {"get", "set", "add", "pop", "run", "save", "load", "open", "close", "read", "write", "update", "delete"}
    | {"create", "execute", "send", "append"}
)
"""Names of methods that too many classes have."""


def _built(state: State, node: cst.Call, args: Arguments) -> None:
    """What a builder such as a buffer is given becomes part of it."""
    target = node.func.value if isinstance(node.func, cst.Attribute) else None
    if not isinstance(target, cst.Name):
        return
    found = state.names.values.get(target.value)
    if found is None or found.reference is not None or state.contents(found) is not None:
        return
    taints = frozenset(taint for each in args.all() for taint in state.depends(each))
    if taints - found.taints:
        state.names.values[target.value] = replace(found, constants=None, taints=found.taints | taints, text=None)


def _constructed(run: Run, state: State, node: cst.Call, owner: Class, args: Arguments) -> Value:
    made = state.new(Contents("object", dict(owner.attributes), None, exact=False, owner=owner))
    begin = owner.method("__init__")
    if begin is not None:
        follow(run, state, node, begin, replace(args, positions=[made, *args.positions]))
        return made
    for name, value in zip(_fields(owner), args.positions, strict=False):
        state.store(made, name, value)
    for name, value in args.words.items():
        state.store(made, name, value)
    return made


def _fields(owner: Class) -> list[str]:
    """The annotated names of a class body, which are the parameters of a dataclass or a model."""
    body = owner.node.body.body
    lines = [small for line in body if isinstance(line, cst.SimpleStatementLine) for small in line.body]
    return [
        each.target.value for each in lines if isinstance(each, cst.AnnAssign) and isinstance(each.target, cst.Name)
    ]
