"""Warnings that a function's body gives in every call, or in every call with a certain argument."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from verifier.symbols.ageing.guards import Arguments, guards
from verifier.symbols.ageing.table import names, warner
from verifier.symbols.ageing.texts import composed, is_version, one_line, text
from verifier.symbols.model import Aged, Ask
from verifier.symbols.texts import dotted, last_part

_PLAIN = (ast.Expr, ast.Assign, ast.AnnAssign, ast.Import, ast.ImportFrom, ast.Pass, ast.Global, ast.Nonlocal)


@dataclass(slots=True)
class Warned:
    """What a body says of the whole function, of its parameters, and whom it asks to say it."""

    whole: str | None = None
    aged: list[Aged] = field(default_factory=list)
    asks: list[Ask] = field(default_factory=list)


def read(body: Sequence[ast.stmt], arguments: Arguments, known: Mapping[str, str]) -> Warned:
    """What the statements of a function say before anything may end its call."""
    found = Warned()
    texts: dict[str, ast.expr | str] = dict(known)
    ended = False
    only: str | None = None
    among: dict[str, tuple[str, ...]] = {}
    for each in body:
        if isinstance(each, ast.Expr) and isinstance(each.value, ast.Call):
            message = warning(each.value, texts)
            if message is not None:
                found.whole = found.whole if ended or found.whole is not None else message
                found.aged += [Aged(name, message, values, sure=False) for name, values in among.items() if not only]
                continue
        if isinstance(each, ast.Expr | ast.Assign | ast.Return) and isinstance(each.value, ast.Call):
            found.asks += _asked(each.value, arguments)
        if isinstance(each, ast.If):
            found.aged += (one for one in _guarded(each, arguments, texts) if only in {None, one.parameter})
            among |= _refused(each, arguments)
        if not isinstance(each, _PLAIN):
            inner = list(ast.walk(each))
            if any(isinstance(one, ast.Return | ast.Yield | ast.YieldFrom) for one in inner) and not _empty(each):
                # what ends the calls with one value of an argument leaves those with another
                only = _single(each, arguments) if only is None or only == _single(each, arguments) else None
                if only is None:
                    break
            ended = ended or any(isinstance(one, ast.Return | ast.Raise) for one in inner)
        elif any(isinstance(one, ast.Yield | ast.YieldFrom) for one in ast.walk(each)):
            break
        _bind(each, arguments, texts)
    return found


def warning(call: ast.Call, texts: Mapping[str, ast.expr | str]) -> str | None:
    """The message of a call that warns of a deprecation; None for any other."""
    match warner(last_part(call.func)):
        case "told":
            words = one_line(_message(call, texts))
            return words if _told(call, words) else None
        case "warning":
            return _own(call, texts)
        case "logging" if isinstance(call.func, ast.Attribute) and call.args:
            words = one_line(text(call.args[0], texts))
            return words if "deprecat" in words.lower() else None
        case _:
            return None


def _message(call: ast.Call, texts: Mapping[str, ast.expr | str]) -> str:
    given = call.args[0] if call.args else next((each.value for each in call.keywords if each.arg == "message"), None)
    return text(given, texts) if given is not None else ""


def _told(call: ast.Call, words: str) -> bool:
    """Whether a warning is of a class that says it, or says it in words."""
    named = [each.value for each in call.keywords if each.arg == "category"]
    category = call.args[1] if len(call.args) > 1 else named[0] if named else None
    if category is None and call.args and isinstance(call.args[0], ast.Call):
        category = call.args[0].func  # warn(SomeWarning("…"))
    name = last_part(category) if category is not None else None
    if name is not None and names().category.search(name):
        return True
    return (name in {None, "UserWarning"} or not (name or "").endswith("Warning")) and bool(names().words.search(words))


def _own(call: ast.Call, texts: Mapping[str, ast.expr | str]) -> str:
    """The message of a function that warns of deprecations only: `warn_deprecated("3.6", message=…)`."""
    positional = [text(each, texts).strip() for each in call.args]
    version = next(filter(is_version, positional), "")
    said = [each for each in positional if each and each != version]
    words = [each for each in said if " " in each][:1]
    more: dict[str, str] = {"replacement": said[1]} if len(said) > 1 and not words else {}
    for each in call.keywords:
        kind = names().keywords.get(each.arg or "")
        if kind is not None:
            more[kind] = text(each.value, texts).strip()
    words += [more["message"]] if more.get("message") else []
    since = version or (more.get("since", "") if is_version(more.get("since", "")) else "")
    return composed(
        " ".join(words), since=since, replacement=more.get("replacement", ""), removal=more.get("removal", "")
    )


def _guarded(node: ast.If, arguments: Arguments, texts: Mapping[str, ast.expr | str]) -> Iterator[Aged]:
    """What an `if` says, and each `elif` that asks the same argument for another value."""
    found = guards(node.test, arguments)
    for each in found:
        message = _first(node.body, texts, arguments)
        if message is not None:
            yield Aged(each.parameter, message, each.values, each.silent, each.sure, each.without)
    if len(found) != 1 or not node.orelse:
        return
    guard = found[0]
    match node.orelse:
        case [ast.If() as after] if guard.values:
            later = guards(after.test, arguments)
            if all(one.parameter == guard.parameter and one.values for one in later):
                yield from _guarded(after, arguments, texts)
        case [_, *_] if guard.values and guard.values[0] == "'deprecated'":
            # `if x == "deprecated": … else: warn`
            message = _first(node.orelse, texts, arguments)
            if message is not None:
                yield Aged(guard.parameter, message, silent=guard.values)


def _first(body: Sequence[ast.stmt], texts: Mapping[str, ast.expr | str], arguments: Arguments) -> str | None:
    """The first warning that the statements of a branch surely give."""
    inner: dict[str, ast.expr | str] = dict(texts)
    for each in body:
        if isinstance(each, ast.Expr) and isinstance(each.value, ast.Call):
            message = warning(each.value, inner)
            if message is not None:
                return message
        if isinstance(each, ast.Return | ast.Raise | ast.Continue | ast.Break):
            return None
        if not isinstance(each, _PLAIN) and any(isinstance(one, ast.Return | ast.Raise) for one in ast.walk(each)):
            return None
        match each:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if name not in arguments.defaults:
                inner[name] = value
    return None


def _asked(call: ast.Call, arguments: Arguments) -> Iterator[Ask]:
    """A call that is given parameters in order to warn of them."""
    callee = dotted(call.func)
    if callee is None or warner(last_part(call.func)) != "asking":
        return
    given = [(str(index), each) for index, each in enumerate(call.args)]
    given += [(each.arg, each.value) for each in call.keywords if each.arg]
    pairs = tuple((place, found[0]) for place, each in given if (found := arguments.parameter(each)) is not None)
    if pairs and not any(isinstance(each, ast.Starred) for each in call.args):
        yield Ask(callee, pairs)


def _refused(node: ast.If, arguments: Arguments) -> dict[str, tuple[str, ...]]:
    """The only values of an argument that get past a test that raises for all others (`if name not in __all__`)."""
    match node:
        case ast.If(
            test=ast.Compare(left=ast.Name(id=name), ops=[ast.NotIn()], comparators=[ast.Name(id=table)]),
            body=[*_, ast.Raise()],
            orelse=[],
        ) if name in arguments.defaults and name not in arguments.changed and table in arguments.literals:
            return {name: tuple(map(repr, arguments.literals[table]))}
        case _:
            return {}


def _single(node: ast.stmt, arguments: Arguments) -> str | None:
    """The argument whose values alone decide whether a statement runs."""
    found = guards(node.test, arguments) if isinstance(node, ast.If) and not node.orelse else ()
    names_ = {each.parameter for each in found if each.values}
    return names_.pop() if len(names_) == 1 and all(each.values for each in found) else None


def _empty(node: ast.stmt) -> bool:
    """Whether a statement only ends the calls for which there is no data (`if plot.data.empty: return`)."""
    match node:
        case ast.If(test=ast.Attribute(attr="empty"), orelse=[]):
            return True
        case _:
            return False


def _bind(node: ast.stmt, arguments: Arguments, texts: dict[str, ast.expr | str]) -> None:
    """Note what a statement gives to local names."""
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            taken = arguments.parameter(value) if isinstance(value, ast.Call) else None
            if taken is not None and name not in arguments.defaults:
                arguments.taken[name] = taken
                return
            if name not in arguments.defaults and name not in arguments.taken:
                texts[name] = value
                return
    for each in ast.walk(node):
        match each:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                arguments.changed.add(name)
                texts.pop(name, None)
            case ast.Attribute(value=ast.Name(id=owner), attr=name, ctx=ast.Store()) if owner == arguments.receiver:
                arguments.changed.add(name)


def arguments_of(node: ast.arguments) -> Arguments:
    """The parameters of a `def`, none of them changed yet."""
    plain = [*node.posonlyargs, *node.args]
    defaults: dict[str, ast.expr | None] = dict.fromkeys((each.arg for each in plain), None)
    defaults.update(zip([each.arg for each in plain[len(plain) - len(node.defaults) :]], node.defaults, strict=True))
    defaults.update(zip([each.arg for each in node.kwonlyargs], node.kw_defaults, strict=True))
    return Arguments(defaults, node.kwarg.arg if node.kwarg else None)
