"""Functions that are still there and only say that they are not: all they do is raise."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from verifier.symbols.bodies import Body, parameter_names
from verifier.symbols.reading import Def
from verifier.symbols.texts import Texts, dotted, last_part

_WORDS = re.compile(
    r"\b(?:removed|no longer|deprecated?|deprecation|not supported any ?more|discontinued|expired|dropped|obsolete"
    r"|unsupported since|has been replaced|was replaced|instead)\b",
    re.IGNORECASE,
)
_CALL = 200
_RAISING = re.compile(r"_*(?:raise|fail|error|abort|throw|die)", re.IGNORECASE)


def message(node: Def, body: Body, decorators: Sequence[str], *, method: bool) -> str | None:
    """The exception and its text where a function is removed in all but name."""
    last = node.body[-1]
    if not isinstance(last, ast.Raise) or not isinstance(last.exc, ast.Call) or body.generator or body.returns:
        return None
    if _RAISING.match(node.name) or any("abstract" in each or "overload" in each for each in decorators):
        return None
    exception = last_part(last.exc.func)
    if exception is None or (method and exception == "NotImplementedError" and node.name != "__init__"):
        return None
    parameters = frozenset(parameter_names(node.args))
    texts: dict[str, str] = {}
    for each in node.body[:-1]:
        match each:
            case ast.Expr(value=ast.Constant()):
                pass
            case ast.Expr(value=ast.Call(func=function)) if last_part(function) in {"warn", "warn_deprecated"}:
                pass
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if (
                text := _text(value, parameters, texts)
            ) is not None:
                texts[name] = text
            case _:
                return None
    text = _text(last.exc.args[0], parameters, texts) if last.exc.args else None
    if text is None or not _WORDS.search(text):
        return None
    return f"{exception}: {' '.join(text.split())}"


def first(node: Def, body: Body, texts: Texts) -> str | None:
    """What every call of a function comes to first: `raise`, or the text of a call of another one; see `raising`."""
    if body.generator:
        return None
    for each in node.body:
        match each:
            case ast.Expr(value=ast.Constant()) | ast.Assign(targets=[ast.Name()]):
                pass
            case ast.Raise():
                return "raise"
            case ast.Expr(value=ast.Call(func=function) as call):
                callee = dotted(function)
                if last_part(function) in {"warn", "warn_deprecated"}:
                    continue
                return texts.call(call, _CALL) if callee and callee.partition(".")[0] != body.first else None
            case _:
                return None
    return None


def says_so(text: str) -> bool:
    """Whether words, or the names in a piece of code, say that something is gone."""
    return bool(_WORDS.search(text.replace("_", " ")))


def _text(node: ast.expr, parameters: frozenset[str], texts: dict[str, str]) -> str | None:
    """A message's literal text; None where it says what the function was called with."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.Name(id=name):
            return texts.get(name)
        case ast.JoinedStr(values=values):
            parts = [_text(each, parameters, texts) for each in values]
            return None if None in parts else "".join(each or "" for each in parts)
        case ast.FormattedValue(value=value):
            if any(isinstance(each, ast.Name) and each.id in parameters for each in ast.walk(value)):
                return None
            known = _text(value, parameters, texts)
            return "{…}" if known is None else known
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            one, two = _text(left, parameters, texts), _text(right, parameters, texts)
            return None if one is None or two is None else one + two
        case (
            ast.BinOp(op=ast.Mod(), left=left, right=right)
            | ast.Call(func=ast.Attribute(value=left, attr="format"), args=[right])
        ):
            if any(isinstance(each, ast.Name) and each.id in parameters for each in ast.walk(right)):
                return None
            return _text(left, parameters, texts)
        case ast.Call(func=ast.Attribute(value=inner, attr="strip" | "lstrip" | "rstrip"), args=[]):
            return _text(inner, parameters, texts)
        case ast.Call(
            func=ast.Name(id="dedent" | "cleandoc") | ast.Attribute(attr="dedent" | "cleandoc"), args=[inner]
        ):
            return _text(inner, parameters, texts)
        case _:
            return None
