"""What decorators say of the deprecation of a function, a class or a parameter."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from verifier.symbols.ageing.table import names
from verifier.symbols.ageing.texts import composed, is_version, text
from verifier.symbols.model import Aged
from verifier.symbols.texts import last_part

_Known = Mapping[str, ast.expr | str]


def whole(node: ast.expr, known: _Known | None = None) -> str | None:
    """The message of a decorator that deprecates what it decorates; None for any other."""
    call = node if isinstance(node, ast.Call) else None
    if names().decorators.get(last_part(call.func if call else node) or "") != "whole":
        return None
    return _read(call, known).message() if call else ""


def parameters(node: ast.expr, arguments: ast.arguments, known: _Known | None = None) -> Iterator[Aged]:
    """What a decorator says of the parameters of a function with these arguments."""
    call = node if isinstance(node, ast.Call) else None
    name = last_part(call.func if call else node) or ""
    kind = names().decorators.get(name, "whole")
    if kind == "whole":
        return
    told = _read(call, known) if call else _Told()
    if name in names().silent_without_version and not told.version:
        return
    match kind:
        case "known":
            old, new = names().known[name]
            yield Aged(old, composed("", replacement=new))
        case "parameter":
            yield from _named(name, call, told)
        case "by-keyword" | "values-by-keyword" if call:
            yield from _by_keyword(call, told, values=kind.startswith("values"), known=known)
        case "by-name-from" | "by-name-only" | "by-name-but":
            for each in _only_by_name(kind, call, told, arguments):
                yield Aged(
                    each, told.message(f"passing `{each}` by position is deprecated; give it by name"), by_place=True
                )


@dataclass(slots=True)
class _Told:
    """The arguments of a decorator by what they hold."""

    version: str = ""
    messages: list[str] = field(default_factory=list)
    identifiers: list[str] = field(default_factory=list)
    more: dict[str, str] = field(default_factory=dict)
    listed: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def message(self, first: str = "", replacement: str = "") -> str:
        """All that it says, in one line."""
        words = "; ".join(each for each in (first, *self.messages, self.more.get("message", "")) if each)
        use = replacement or self.more.get("replacement", "")
        return composed(words, since=self.version, replacement=use, removal=self.more.get("removal", ""))


def _read(call: ast.Call, known: _Known | None) -> _Told:
    told = _Told()
    for each in call.args:
        if isinstance(each, ast.List | ast.Tuple):
            told.identifiers += _strings(each)
            continue
        words = text(each, known).strip()
        if is_version(words):
            told.version = told.version or words
        elif words.isidentifier():
            told.identifiers.append(words)
        elif words and not words[:4].isdigit():
            told.messages.append(words)
    for keyword in call.keywords:
        kind = names().keywords.get(keyword.arg or "")
        words = text(keyword.value, known).strip()
        if kind == "since":
            told.version = words if is_version(words) else told.version
        elif kind is not None and isinstance(keyword.value, ast.List | ast.Tuple | ast.Set):
            told.listed[kind] = _strings(keyword.value)
        elif kind is not None and words:
            told.more[kind] = "; ".join(filter(None, (told.more.get(kind), words)))
    return told


def _strings(node: ast.List | ast.Tuple | ast.Set) -> tuple[str, ...]:
    return tuple(each.value for each in node.elts if isinstance(each, ast.Constant) and isinstance(each.value, str))


def _named(decorator: str, call: ast.Call | None, told: _Told) -> Iterator[Aged]:
    """`deprecate_kwarg("old", "new")`, `deprecated_args(date, text, "one", "other")` and the like."""
    if call is None:
        return
    until = ""
    if decorator in names().until:
        by_place = any(is_version(text(each)) for each in call.args[1:2])
        until = told.version if by_place or any(each.arg == "version" for each in call.keywords) else ""
    if until:
        told.version = ""
    old = [*told.listed.get("old", ()), *filter(None, [told.more.get("old", "")])]
    new = [*told.listed.get("new", ()), *filter(None, [told.more.get("new", "")])]
    listed = isinstance(call.args[0], ast.List | ast.Tuple) if call.args else False
    if not old and decorator == "deprecated_args":
        old = told.identifiers
    elif not old and listed and len(told.identifiers) % 2 == 0:
        half = len(told.identifiers) // 2
        old, new = told.identifiers[:half], told.identifiers[half:]
    elif not old:
        old, new = told.identifiers[:1], new or told.identifiers[1:2]
    for index, each in enumerate(old):
        instead = new[index] if index < len(new) else ""
        yield Aged(each, told.message(replacement=instead), silent=("None",), until=until)


def _by_keyword(call: ast.Call, told: _Told, *, values: bool, known: _Known | None) -> Iterator[Aged]:
    for each in call.keywords:
        if each.arg is None or (values and each.arg == "warn_once"):
            continue
        if values:
            if isinstance(each.value, ast.Constant):
                yield Aged(each.arg, told.message(), values=(repr(each.value.value),), sure=False)
        elif isinstance(each.value, ast.Tuple):
            words = [text(one, known).strip() for one in each.value.elts]
            version = next(filter(is_version, words), "")
            yield Aged(each.arg, composed(" ".join(w for w in words if w != version), since=version))


def _only_by_name(kind: str, call: ast.Call | None, told: _Told, arguments: ast.arguments) -> Sequence[str]:
    """The parameters that should be given by name."""
    plain = [each.arg for each in (*arguments.posonlyargs, *arguments.args)]
    if kind == "by-name-only":
        return [each.arg for each in arguments.kwonlyargs]
    if kind == "by-name-from":
        first = told.identifiers[0] if told.identifiers else told.more.get("old", "")
        told.identifiers.clear()
        told.more.pop("old", None)
        return plain[plain.index(first) :] if first in plain else ()
    allowed = next(
        (
            _strings(each.value)
            for each in call.keywords
            if each.arg == "allowed_args" and isinstance(each.value, ast.List)
        )
        if call
        else iter(()),
        None,
    )
    told.more.clear()
    told.messages.clear()
    if allowed is None:
        allowed = tuple(plain[: len(plain) - len(arguments.defaults)])
    return [each for each in plain if each not in {*allowed, "self", "cls"}]
