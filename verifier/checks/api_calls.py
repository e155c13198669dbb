"""Calls that fail on their arguments, and calls of functions that only say that they are gone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import libcst as cst

from verifier.checks.guards import guarded
from verifier.checks.registry import Parsed, Rules, code_of, finding
from verifier.checks.wording import shortened, suggestion
from verifier.model import Finding
from verifier.semantics.model import Call
from verifier.symbols import calls, evidence
from verifier.symbols.calls import Refused
from verifier.symbols.expressions import evaluate
from verifier.symbols.file import File, FileFrame
from verifier.symbols.model import Function
from verifier.symbols.modules import OWN, World, on_platform
from verifier.symbols.names import nearest, nested
from verifier.symbols.raising import message
from verifier.symbols.signatures import RefusalKind, Shape, shape_of
from verifier.symbols.values import ClassValue, FunctionValue, Value, path, without_none

_RULES = {
    RefusalKind.KEYWORD: "unknown-keyword",
    RefusalKind.BY_NAME: "positional-only-by-name",
    RefusalKind.POSITIONAL: "too-many-positionals",
    RefusalKind.MISSING: "missing-argument",
    RefusalKind.TWICE: "argument-given-twice",
}


def check(parsed: Parsed, rules: Rules, file: File, call: Call, told: set[int]) -> Iterator[Finding]:
    """A call whose arguments what it calls must refuse, or of what says only that it is gone."""
    if guarded(call.branch, by_class=False) or id(call.node.func) in told:
        return
    frame = FileFrame(file, call.scope, call.order, call.branch)
    values = without_none(evaluate(call.node.func, frame))
    if not values:
        return
    shape = shape_of(call.node)
    verdicts = [_verdict(file.world, each, shape) for each in values]
    refused = [each for each in verdicts if each is not None]
    if len(refused) < len(verdicts):
        if len(values) == 1:
            yield from _gone(parsed, rules, file, call, values[0])
        return
    yield from _refused(parsed, rules, call, values, refused[0])


def _verdict(world: World, value: Value, shape: Shape) -> Refused | None:
    """Why a call fails, unless what is called may be another function, here or on another platform."""
    found = calls.check(world, value, shape)
    if found is None:
        return None
    if isinstance(value, FunctionValue) and value.receiver is not None:
        method = value.name.rpartition(".")[2]
        if evidence.overridden(world, value.receiver, method):
            return None
    if any(
        calls.check(on_platform(world, each), value, shape) is None for each in evidence.PLATFORMS - {world.platform}
    ):
        return None
    return None if _beyond_its_stub(world, found) else found


def _beyond_its_stub(world: World, refused: Refused) -> bool:
    """Whether a compiled function may take what its stub refuses: stubs make keyword-only what C code does not."""
    if not evidence.only_in_stub(world, refused.module, refused.function):
        return False
    if refused.module.rpartition(".")[2].startswith("_"):
        return True
    if evidence.only_by_place(world, refused.module, refused.function):
        return True
    return refused.refusal.kind is RefusalKind.POSITIONAL and refused.refusal.given <= len(refused.accepts)


def _refused(parsed: Parsed, rules: Rules, call: Call, values: Sequence[Value], refused: Refused) -> Iterator[Finding]:
    refusal = refused.refusal
    rule = rules.get(_RULES[refusal.kind])
    if rule is None:
        return
    where: cst.CSTNode = call.node
    if refusal.kind in {RefusalKind.KEYWORD, RefusalKind.BY_NAME, RefusalKind.TWICE}:
        where = next(each for each in call.node.args if each.keyword is not None and each.keyword.value == refusal.name)
    elif refusal.kind is RefusalKind.POSITIONAL:
        where = call.node.args[refusal.most] if refusal.most < len(call.node.args) else call.node
    else:
        where = call.node.func
    evidence_ = {
        "defined": f"{refused.module}:{refused.line}" if refused.module != OWN else f"line {refused.line}",
        "accepts": list(refused.accepts),
    }
    if refused.through:
        evidence_["passed_on_to"] = list(refused.through)
    near = nearest(refusal.name, refused.accepts) if refusal.name else ()
    yield finding(
        rule,
        parsed,
        where,
        symbol=f"{path(values[0])}.__init__" if isinstance(values[0], ClassValue) else path(values[0]),
        evidence=evidence_,
        function=refused.function if isinstance(values[0], FunctionValue) else path(values[0]).rpartition(".")[2],
        name=refusal.name,
        most=refusal.most,
        given=refusal.given,
        suggestion=suggestion(near),
    )


def _gone(parsed: Parsed, rules: Rules, file: File, call: Call, value: Value) -> Iterator[Finding]:
    """A call of a function whose body only raises: it is still there to say that it is gone."""
    rule = rules.get("removed-body")
    if rule is None or not isinstance(value, FunctionValue | ClassValue):
        return
    name = value.name if isinstance(value, FunctionValue) else f"{value.name}.__init__"
    if value.module == OWN:
        return
    statements = nested(file.world, value.module, name)
    says = [message(file.world, value.module, each) for each in statements if isinstance(each, Function)]
    if says and says[0] and all(says):
        yield finding(
            rule,
            parsed,
            call.node.func,
            symbol=path(value),
            evidence={"raises": says[0], "defined": f"{value.module}:{statements[0].line}"},
            function=code_of(parsed, call.node.func),
            says=shortened(says[0]),
        )
