"""What a call gives: functions of the file are followed, known ones computed, the others hand on what they got."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import libcst as cst

from verifier.values import containers, library, pure, texts
from verifier.values.guards import CHECKED, SCALAR, tested
from verifier.values.model import (
    UNKNOWN,
    Bound,
    Class,
    Contents,
    Function,
    Names,
    Value,
    constant,
    marked,
    pasted,
    pieces,
    tainted,
)
from verifier.values.run import DEEPEST_CALLS, Run, Step
from verifier.values.state import State

LOOKED_UP = "looked_up"
CALLED = "called"
"""The marks of what a function gives that looks things up by what it gets, and any function that is not known."""
_LOOKING = re.compile(
    r"^(?!get_\w*(json|data|query|argument|arguments|param|params|parameter|parameters|header|headers|cookie|cookies|value"
    r"|values|body|form|input|text)$|(make|create)_response$)"
    r"((get|find|fetch|load|lookup|look_up|query|search|select|create|make|save|insert|update|delete|count|authenticate)_\w+"
    r"|execute|executemany|fetchone|fetchall|fetchmany|scalar|scalars|filter|filter_by|open|urlopen|query|find_one)$"
)
"""Functions that answer with something else than what they are asked with."""
_STORES = re.compile(r"(?i)(^|_)(db|session|repo|repository|cache|dao|cursor|conn|connection|redis|objects)$")
"""Things that are asked, whatever the method is called."""
_CLEANING = re.compile(r"(?i)(^|_)(sanit|escape|clean|get_safe_|make_safe|purify)")
_KNOWN = frozenset(
    [
        "html",
        "markupsafe",
        "urllib",
        "shlex",
        "re",
        "xml",
        "django",
        "flask",
        "werkzeug",
        "cgi",
        "bleach",
        "ldap",
        "ldap3",
        "jinja2",
        "json",
        "yaml",
        "pipes",
        "string",
    ]
)
"""Modules whose functions the rules name themselves where they clean."""
_ENDING = frozenset(
    {"sys.exit", "os._exit", "builtins.exit", "builtins.quit", "os.abort", "flask.abort", "werkzeug.exceptions.abort"}
    | {"bottle.abort", "quart.abort", "abort"}
)


@dataclass(frozen=True, slots=True)
class Arguments:
    """The values of a call: by position, by keyword, and what `*` and `**` may bring."""

    positions: Sequence[Value]
    words: Mapping[str, Value]
    more: Value | None = None

    def all(self) -> list[Value]:
        """Every value that is handed over."""
        return [*self.positions, *self.words.values(), *([self.more] if self.more else ())]


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
            return marked(found, CHECKED) if _CLEANING.search(_name_of(function.reference)) else found
        case Class():
            return _constructed(run, state, node, function.reference, args)
        case Bound(function=Function() as method):
            arguments = replace(args, positions=[function.reference.receiver, *args.positions])
            found = follow(run, state, node, method, arguments)
            return marked(found, CHECKED) if _CLEANING.search(_name_of(method)) else found
        case Bound():
            return _method(run, state, node, function, args)
        case str(path):
            if path in _ENDING:
                state.dead = True
            known = library.call(state, path, args.positions, args.words, node)
            if known is not None:
                return known
            if "." in path:
                receiver = Value(taints=function.taints)
                return _unknown(run, state, node, path, [receiver, *args.all()], args)
            return _unknown(run, state, node, path, [Value(taints=function.taints), *args.all()], args)
    return _unknown(run, state, node, "", [function, *args.all()], args)


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
    if name == "add_argument" and ("choices" in args.words or _is_number_or_flag(args)):
        run.numbers.update(_destinations(args))
    found = _of_the_only_class(run, state, node, function, args)
    if found is not None:
        return found
    if name in _SHAPING and (receiver.text is not None or not args.positions):
        return texts.same_shape(receiver) if not receiver.constants else tainted(receiver.taints)
    if name in containers.BUILDING:
        _built(state, node, args)
    # What the call as a whole is a source of comes with the attribute.
    return _unknown(run, state, node, name, [Value(taints=function.taints), receiver, *args.all()], args)


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


def _is_number_or_flag(args: Arguments) -> bool:
    """Whether `add_argument` makes an argument that carries no text."""
    kind, action = args.words.get("type"), args.words.get("action")
    if kind is not None and kind.reference in {
        "builtins.int",
        "builtins.float",
        "builtins.bool",
        "ipaddress.ip_address",
    }:
        return True
    return action is not None and action.constants is not None and "store" not in action.constants


def _destinations(args: Arguments) -> list[str]:
    """The attribute that an argument becomes: `dest`, else its first long name."""
    named = args.words.get("dest")
    values = [named] if named is not None else args.positions
    names = [str(each.constants[0]) for each in values if each.constants and isinstance(each.constants[0], str)]
    chosen = [each for each in names if each.startswith("--")] or names
    return [each.lstrip("-").replace("-", "_") for each in chosen[:1]]


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
    {"get", "set", "add", "pop", "run", "save", "load", "open", "close", "read", "write", "update"}
).union({"delete", "create", "execute", "send", "append"})
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


def _unknown(run: Run, state: State, node: cst.Call, path: str, given: Sequence[Value], args: Arguments) -> Value:
    """A call of something that the file does not define: what goes in may come out."""
    _handed_over(run, state, node, args)
    name, module = path.rpartition(".")[2], path.partition(".")[0]
    taints = frozenset(taint for each in given for taint in state.depends(each))
    if not taints:
        return UNKNOWN
    found = tainted(taints)
    if _LOOKING.search(name) or _STORES.search(_last_of_receiver(node)):
        found = marked(found, LOOKED_UP)
    if _CLEANING.search(name) and module not in _KNOWN:
        found = marked(found, CHECKED)
    if isinstance(node.func, cst.Name) and f"builtins.{name}" != path:
        found = marked(found, CALLED)
    return found


def _last_of_receiver(node: cst.Call) -> str:
    """The last name of what a method is called on."""
    receiver = node.func.value if isinstance(node.func, cst.Attribute) else None
    if isinstance(receiver, cst.Attribute):
        return receiver.attr.value
    return receiver.value if isinstance(receiver, cst.Name) else ""


def _handed_over(run: Run, state: State, node: cst.Call, args: Arguments) -> None:
    """Functions of the file that are handed over are called with what stands behind them (`submit(run, text)`)."""
    for number, each in enumerate(args.positions):
        if isinstance(each.reference, Function):
            follow(run, state.copy(), node, each.reference, Arguments(args.positions[number + 1 :], {}))
            return
    target = args.words.get("target")
    if target is not None and isinstance(target.reference, Function):
        given = state.contents(args.words.get("args", UNKNOWN))
        positions = [given.items[key] for key in sorted(given.items)] if given and given.exact else []
        follow(run, state.copy(), node, target.reference, Arguments(positions, {}))


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


def follow(run: Run, state: State, node: cst.CSTNode, function: Function, args: Arguments) -> Value:
    """Run the body of a function of the file with these arguments and return what it returns."""
    number = id(function.node)
    again = run.active.count(number)
    if run.exhausted or len(run.active) >= DEEPEST_CALLS or again > 1:
        return tainted(taint for each in args.all() for taint in state.depends(each))
    if again:
        args = _any_turn(args)
    inner = State(Names(_bound(run, state, function, args), function.closure), state.heap, state.loops)
    run.active.append(number)
    run.calls.append(Step(node, _name_of(function)))
    try:
        if isinstance(function.node, cst.Lambda):
            return run.evaluate(run, inner, function.node.body)
        run.returned.append([])
        left, run.left = run.left, []
        end = run.execute(run, inner, function.node.body)
        run.left = left
        results = run.returned.pop()
    finally:
        run.active.pop()
        run.calls.pop()
    if end is not None:
        results.append((constant(None), end))
    if not results:
        state.dead = True
        return UNKNOWN
    value, last = results[0]
    for other, point in results[1:]:
        last.heap |= {key: held for key, held in point.heap.items() if key not in last.heap}
        value = last.either(value, other)
        last.merge([point])
    state.heap = last.heap
    return value


def _any_turn(args: Arguments) -> Arguments:
    """The arguments of a call of a function by itself: what changes from call to call is not known."""
    return replace(
        args,
        positions=[replace(each, constants=None) for each in args.positions],
        words={name: replace(each, constants=None) for name, each in args.words.items()},
    )


def _name_of(function: Function) -> str:
    return function.node.name.value if isinstance(function.node, cst.FunctionDef) else "<lambda>"


def _bound(run: Run, state: State, function: Function, args: Arguments) -> dict[str, Value]:
    params = function.node.params
    names = [each.name.value for each in (*params.posonly_params, *params.params)]
    values = dict(zip(names, args.positions, strict=False))
    rest = list(args.positions[len(names) :])
    known = {*names, *(each.name.value for each in params.kwonly_params)}
    values |= {name: value for name, value in args.words.items() if name in known}
    outside = State(Names({}, function.closure), state.heap, state.loops)
    for each in (*params.posonly_params, *params.params, *params.kwonly_params):
        if each.name.value not in values:
            default = run.evaluate(run, outside, each.default) if each.default is not None else UNKNOWN
            values[each.name.value] = default if args.more is None else state.either(default, args.more)
    if isinstance(params.star_arg, cst.Param):
        values[params.star_arg.name.value] = state.new(Contents("list", dict(enumerate(rest))))
    if params.star_kwarg is not None:
        others = {name: value for name, value in args.words.items() if name not in known}
        values[params.star_kwarg.name.value] = state.new(Contents("dict", others, args.more))
    return values
