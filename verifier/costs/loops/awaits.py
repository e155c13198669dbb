"""What a coroutine awaits: reads that could overlap, or steps that must follow each other."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import libcst as cst

from verifier.costs.model import Costs
from verifier.semantics.fields import semantic_fields
from verifier.semantics.guards import dotted
from verifier.semantics.model import BindingKind, Scope, instance_class
from verifier.semantics.names import qualify, reaching

CLIENTS = frozenset({"httpx.AsyncClient", "aiohttp.ClientSession"})
_ASKING = frozenset({"get", "head", "options"})
_MODELS = frozenset({"openai.AsyncOpenAI", "openai.AsyncAzureOpenAI", "anthropic.AsyncAnthropic", "groq.AsyncGroq"})
_ENDPOINTS = frozenset(
    {"chat.completions.create", "completions.create", "responses.create", "embeddings.create", "messages.create"}
)
"""What asks a language model: each call stands for itself."""
_LIMITS = frozenset({"asyncio.Semaphore", "asyncio.BoundedSemaphore", "anyio.Semaphore", "anyio.CapacityLimiter"})
"""What lets some coroutines in at once, and so does not mind several."""
_ANSWERS = frozenset({"json", "text", "read", "aread", "raise_for_status"})
_NAMED = re.compile(r"(^|_)(session|client|http)$")
_PRETENDED = re.compile(r"^_?(fetch|get|load|download|read|request|lookup|scrape|crawl|query|call)")
"""What a function is called that stands for a request and only sleeps, in examples."""
_BLOCKS = (cst.FunctionDef, cst.Lambda, cst.ClassDef)
_ORDERED = (cst.Break, cst.Return, cst.Yield, cst.Raise, cst.AugAssign, cst.While, cst.Global, cst.Nonlocal, cst.Del)
_WAITING = frozenset(
    {"sleep", "acquire", "release", "wait", "wait_for", "put", "put_nowait", "commit", "flush", "throttle"}
)
_DEEPEST = 3


def own(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """A node and all below it, functions and classes inside left out."""
    yield node
    for name in semantic_fields(type(node)):
        value = getattr(node, name)
        for child in value if isinstance(value, list | tuple) else (value,):
            if isinstance(child, cst.CSTNode) and not isinstance(child, _BLOCKS):
                yield from own(child)


def ordered(nodes: list[cst.CSTNode]) -> bool:
    """Whether something among the nodes of a loop's body makes the order of turns matter, or slows them on purpose."""
    for node in nodes:
        match node:
            case cst.For(asynchronous=cst.Asynchronous()) | cst.CompFor(asynchronous=cst.Asynchronous()):
                return True
            case cst.Call(func=cst.Name(value=name) | cst.Attribute(attr=cst.Name(value=name))) if name in _WAITING:
                return True
            case _ if isinstance(node, _ORDERED):
                return True
    return False


def reads(costs: Costs, nodes: list[cst.CSTNode], scope: Scope, depth: int = 0) -> list[cst.Call] | None:
    """The calls that ask something of another machine; None where anything else is awaited among the nodes."""
    found: list[cst.Call] = []
    for node in nodes:
        match node:
            case cst.With(asynchronous=cst.Asynchronous(), items=items):
                for each in items:
                    if _is_client(costs, each.item, scope) or (depth and _is_limit(costs, each.item, scope)):
                        continue
                    if not isinstance(each.item, cst.Call) or not asks(costs, each.item, scope):
                        return None
                    found.append(each.item)
            case cst.Await(expression=cst.Call() as call):
                if asks(costs, call, scope) or _pure(costs, call, scope, depth):
                    found.append(call)
                elif not _answers(call):
                    return None
            case cst.Await():
                return None
            case _:
                pass
    return found


def asks(costs: Costs, call: cst.Call, scope: Scope) -> bool:
    """`client.get(…)` of an asynchronous client, by its class or by its name in a file that imports one."""
    match call.func:
        case cst.Attribute(value=value, attr=cst.Name(value=name)) if name in _ASKING and call.args:
            types = set(costs.inference.types(value, scope, 10**9)) - {"None"}
            if types:
                return types <= CLIENTS
            last = (dotted(value) or "").rpartition(".")[2]
            if last.endswith(("client", "http")) and _is_address(call.args[0].value):
                return True
            return bool(_NAMED.search(last)) and any(
                each.record.module.partition(".")[0] in {"httpx", "aiohttp"} for each in costs.facts.imports
            )
        case cst.Attribute(attr=cst.Name(value="create")):
            return _asks_model(costs, call.func, scope)
        case _:
            return False


def _is_address(node: cst.BaseExpression) -> bool:
    """`f"/orders/{key}"` and `"https://example.com/orders"`."""
    match node:
        case cst.SimpleString():
            return str(node.evaluated_value).startswith(("/", "http"))
        case cst.FormattedString(parts=[cst.FormattedStringText(value=text), *_]):
            return text.startswith(("/", "http"))
        case _:
            return False


def _asks_model(costs: Costs, func: cst.Attribute, scope: Scope) -> bool:
    """`client.chat.completions.create` of an asynchronous client of a language model."""
    names: list[str] = []
    node: cst.BaseExpression = func
    while isinstance(node, cst.Attribute):
        names.insert(0, node.attr.value)
        node = node.value
        if ".".join(names) in _ENDPOINTS and (types := costs.inference.types(node, scope, 10**9)):
            return set(types) <= _MODELS
    return False


def _is_limit(costs: Costs, node: cst.BaseExpression, scope: Scope) -> bool:
    types = costs.inference.types(node, scope, 10**9)
    return bool(types) and set(types) <= _LIMITS


def _is_client(costs: Costs, node: cst.BaseExpression, scope: Scope) -> bool:
    return isinstance(node, cst.Call) and bool(CLIENTS.intersection(qualify(costs.facts, node.func, scope, 10**9)))


def _answers(call: cst.Call) -> bool:
    """`response.json()`."""
    return isinstance(call.func, cst.Attribute) and call.func.attr.value in _ANSWERS and not call.args


def _pure(costs: Costs, call: cst.Call, scope: Scope, depth: int) -> bool:
    """Whether a call is of a coroutine of the file that only reads: it changes nothing and awaits only answers."""
    known = _meant(costs, call.func, scope) if depth < _DEEPEST else ()
    if len(known) != 1:
        return False
    key = id(known[0])
    if key not in costs.coroutines:
        costs.coroutines[key] = False  # one that calls itself is no plain read
        costs.coroutines[key] = _only_reads(costs, known[0], depth)
    return costs.coroutines[key]


def _meant(costs: Costs, func: cst.BaseExpression, scope: Scope) -> Sequence[Scope]:
    """The functions of the file that a call means: by name, or as a method of the same object."""
    match func:
        case cst.Name(value=name):
            bindings = reaching(costs.facts, name, scope, 10**9) or ()
            return costs.functions.get(name, ()) if [each.kind for each in bindings] == [BindingKind.FUNCTION] else ()
        case cst.Attribute(value=cst.Name(value=name), attr=cst.Name(value=method)):
            owner = instance_class(name, scope)
            return [each for each in costs.functions.get(method, ()) if each.parent is owner] if owner else ()
        case _:
            return ()


def _only_reads(costs: Costs, function: Scope, depth: int) -> bool:
    node = function.node
    if not isinstance(node, cst.FunctionDef) or node.asynchronous is None or node.decorators or function.outer:
        return False
    nodes = list(own(node.body))
    if any(_changes(each) for each in nodes):
        return False
    retrying = {id(inner) for each in nodes if isinstance(each, cst.ExceptHandler) for inner in own(each)}
    sleeps = any(_sleep(each) and id(each) not in retrying for each in nodes)
    found = reads(costs, [each for each in nodes if not _sleep(each)], function, depth + 1)
    if found is None or (sleeps and found):
        return False
    return bool(found) or (sleeps and bool(_PRETENDED.search(function.name)) and _gives(nodes))


def _changes(node: cst.CSTNode) -> bool:
    match node:
        case cst.AssignTarget(target=cst.Attribute()) | cst.AugAssign(target=cst.Attribute() | cst.Subscript()):
            return True
        case cst.Yield() | cst.Del() | cst.While() | cst.For(asynchronous=cst.Asynchronous()):
            return True
        case _:
            return False


def _sleep(node: cst.CSTNode) -> bool:
    match node:
        case cst.Await(expression=cst.Call(func=func)):
            return (dotted(func) or "") in {"asyncio.sleep", "sleep"}
        case _:
            return False


def _gives(nodes: list[cst.CSTNode]) -> bool:
    return any(isinstance(each, cst.Return) and each.value is not None for each in nodes)
