"""A `def` as the tables keep it: its parameters, what it gives back, and what its body does."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from verifier.symbols import decorating, gone, kwargs
from verifier.symbols.ageing import extraction
from verifier.symbols.bodies import Body, parameter_names, scan
from verifier.symbols.conditions import State
from verifier.symbols.locals import Locals
from verifier.symbols.model import Function, Parameter
from verifier.symbols.reading import Def, Reading

_STATIC = frozenset({"staticmethod", "abc.abstractstaticmethod", "abstractstaticmethod"})
_RESULT = 120
_DECORATOR = 200


def read(reading: Reading, node: Def, state: State, *, method: bool) -> tuple[Function, Body]:
    """A function and what one walk over its body found."""
    texts = reading.texts
    decorators = tuple(texts.call(each, _DECORATOR) or "..." for each in node.decorator_list)
    static = not method or any(each in _STATIC for each in decorators)
    first = None if static and node.name != "__new__" else next(parameter_names(node.args), None)
    body = scan(reading, node, first)
    local = Locals(reading, node, body)
    exports = {"__all__": reading.exports.all} if node.name == "__getattr__" and reading.exports.all else {}
    said = extraction.of_function(node, body, {**reading.literals, **exports} if exports else reading.literals)
    passed = kwargs.read(node, body, local) if node.args.kwarg else kwargs.NOTHING
    function = Function(
        name=node.name,
        line=node.lineno,
        parameters=tuple(_parameters(reading, node.args)),
        returns=texts.annotation(node.returns),
        result=None if node.returns is not None or body.generator else _result(body, local),
        decorators=decorators,
        is_async=isinstance(node, ast.AsyncFunctionDef),
        generator=body.generator,
        forwards=passed.forwards,
        reads=passed.reads,
        escapes=passed.escapes,
        gone=None if reading.stub else gone.message(node, body, decorators, method=method),
        deprecated=said.whole,
        aged=said.aged,
        asks=said.asks,
        first=None if reading.stub else gone.first(node, body, texts),
        decorates=decorating.kind(reading, node, body, method=method and not static),
        conditional=state.conditional,
        typing_only=state.typing_only,
    )
    return function, body


def _parameters(reading: Reading, arguments: ast.arguments) -> Iterator[Parameter]:
    plain = [*arguments.posonlyargs, *arguments.args]
    only = len(arguments.posonlyargs)
    if reading.stub:
        # PEP 484: before PEP 570, two underscores said positional-only
        old = [i for i, each in enumerate(plain) if each.arg.startswith("__") and not each.arg.endswith("__")]
        only = max(only, old[-1] + 1 if old else 0)
    required = len(plain) - len(arguments.defaults)
    annotation = reading.texts.annotation
    for index, each in enumerate(plain):
        yield Parameter(each.arg, "/" if index < only else "", index < required, annotation(each.annotation))
    if arguments.vararg:
        yield Parameter(arguments.vararg.arg, "*", required=False, annotation=annotation(arguments.vararg.annotation))
    for each, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        yield Parameter(each.arg, "k", default is None, annotation(each.annotation))
    if arguments.kwarg:
        yield Parameter(arguments.kwarg.arg, "**", required=False, annotation=annotation(arguments.kwarg.annotation))


def _result(body: Body, local: Locals) -> str | None:
    """The one expression that every `return` gives."""
    if not body.returns:
        return None
    found: set[str | None] = set()
    for each in body.returns:
        found.add(None if each is None else local.resolve(each))
        if None in found or len(found) > 1:
            return None
    text = found.pop()
    return text if text is not None and len(text) <= _RESULT else None
