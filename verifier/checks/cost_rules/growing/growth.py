"""Values that are copied whole to make them a little longer."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from verifier.checks.cost_rules.grading import graded
from verifier.checks.cost_rules.growing.fixes import extended_in_place, joined
from verifier.checks.cost_rules.reporting import CostRules, costly
from verifier.checks.registry import Parsed, code_of
from verifier.costs.kinds import BYTES, LIST, TEXT, TUPLE
from verifier.costs.loops.streams import with_input
from verifier.costs.model import Costs, Done, Repeat, Size, text_of
from verifier.costs.objects.changes import done_with, kept, runs_once
from verifier.costs.objects.grown import Form, Grown, grown, sum_form
from verifier.costs.objects.paths import path_of
from verifier.costs.origins import outside
from verifier.costs.repeats import repeated
from verifier.model import Finding, Rule, Severity
from verifier.semantics.fields import descend
from verifier.semantics.model import BindingKind, Scope, ScopeKind
from verifier.semantics.names import reaching

_TEXTS = frozenset({TEXT, BYTES})
_ARRAYS = frozenset({"numpy", "pandas", "torch", "tensorflow", "jax", "cupy", "sympy"})
_SHORT = frozenset(
    {
        "path",
        "url",
        "uri",
        "name",
        "key",
        "label",
        "title",
        "prefix",
        "suffix",
        "indent",
        "cmd",
        "command",
        "query",
        "sql",
    }
    | {
        "where",
        "params",
        "args",
        "options",
        "flags",
        "pattern",
        "regex",
        "format",
        "fmt",
        "usage",
        "signature",
        "version",
    }
)
"""Names of strings that a program puts together from a few parts."""
_NEVER_IN_PLACE = {TUPLE: "tuple", "builtins.frozenset": "frozenset"}
_CONTAINERS = {**_NEVER_IN_PLACE, LIST: "list", "builtins.set": "set", "builtins.dict": "dict"}
_DISPLAYS: dict[type[cst.CSTNode], str] = {cst.List: "list", cst.Tuple: "tuple", cst.Set: "set", cst.Dict: "dict"}


def concatenation(parsed: Parsed, costs: Costs, rule: Rule) -> Iterator[Finding]:
    """`text += part` and its like in a loop, where `text` was a string before it."""
    for each in grown(costs):
        kind = _text_kind(costs, each) if each.form not in {Form.SPREAD, Form.UNION} else None
        if kind is None:
            continue
        at = each.binding
        repeat = repeated(costs, each.target, at.loop, at.scope, at.order)
        if repeat is None or runs_once(costs, at.loop, each.statement):
            continue
        repeat = with_input(costs, repeat)
        # CPython extends a str in place while a local variable alone holds it and nothing else is added (PEP 659)
        in_place = (
            kind == "str"
            and each.form in {Form.AUGMENTED, Form.BEHIND}
            and isinstance(each.target, cst.Name)
            and _is_local(each.target.value, at.scope)
        )
        severity = graded(parsed, costs, repeat, each.target, at.scope, at.order)
        if in_place and severity is Severity.INFO:
            continue  # neither copied by CPython nor surely long
        yield costly(
            rule,
            parsed,
            each.statement,
            repeat,
            evidence={"class": kind, "form": str(each.form), "extended in place by CPython": in_place},
            severity=Severity.INFO if in_place or _is_short(costs, each, repeat) else severity,
            fix=joined(parsed, costs, each),
            name=code_of(parsed, each.target),
            copies="may copy" if in_place else "copies",
            statement=code_of(parsed, each.statement),
        )


def _text_kind(costs: Costs, each: Grown) -> str | None:
    """`str` or `bytes` where the target is surely one."""
    if isinstance(each.statement, cst.AugAssign) and not isinstance(each.statement.operator, cst.AddAssign):
        return None
    found = costs.inference.types(each.target, each.binding.scope, each.binding.order)
    if each.form is Form.FORMATTED:
        return None if set(found) - {"builtins.str"} else "str"
    return found[0].rpartition(".")[2] if found and set(found) <= _TEXTS and len(found) == 1 else None


def _is_short(costs: Costs, each: Grown, repeat: Repeat) -> bool:
    """Whether a string is short by its name, or the loop is over when it is as long as it asks for.

    `line = line + word + " "` puts together a line as often as a file, so that it counts only for input from outside.
    """
    added = each.statement.value if isinstance(each.statement, cst.AugAssign) else each.value
    if _reads_rest(costs, each):
        return True
    if _text_kind(costs, each) == "bytes" and outside(costs, added, each.binding.scope, each.binding.order):
        return False
    if each.form is Form.CHAINED and isinstance(each.target, cst.Name) and repeat.extent.size is not Size.OUTSIDE:
        return True
    text = text_of(costs, each.target)
    return repeat.extent.of == text or not _SHORT.isdisjoint(text.rpartition(".")[2].lower().split("_"))


def _reads_rest(costs: Costs, each: Grown) -> bool:
    """`data += file.read(size - len(data))`: a file gives all that is asked for at once, unlike a socket."""
    length = f"len({text_of(costs, each.target)})"
    added = [node for node in descend(each.value) if isinstance(node, cst.Name)]
    bindings = [
        one for node in added for one in reaching(costs.facts, node.value, each.binding.scope, each.binding.order) or ()
    ]
    for value in (each.value, *(one.value for one in bindings if one.value is not None)):
        match value:
            case cst.Call(func=cst.Attribute(attr=cst.Name(value=name)), args=args) if name.endswith("read"):
                return any(length in text_of(costs, arg.value) for arg in args)
            case _:
                pass
    return False


def _is_local(name: str, scope: Scope) -> bool:
    """Whether a name is a variable of the function itself, neither the module's nor that of a function around it."""
    return scope.kind is ScopeKind.FUNCTION and name not in scope.outer


def recopied(parsed: Parsed, costs: Costs, rule: Rule) -> Iterator[Finding]:
    """`x = x + [y]`, `d = {**d, k: v}`, `t += (x,)` in a loop that no earlier copy outlives."""
    for each in grown(costs):
        if each.form is Form.FORMATTED:
            continue
        at = each.binding
        kind, path = _container_kind(costs, each), path_of(each.target)
        if kind is None or path is None:
            continue
        repeat = repeated(costs, each.target, at.loop, at.scope, at.order)
        if repeat is None or runs_once(costs, at.loop, each.statement):
            continue
        if kept(costs, path, at.scope, repeat.loop) or _cut(costs, each, kind):
            continue
        repeat = with_input(costs, repeat)
        # tuples of a few large things are usual: the outputs of each layer of a model
        sure = repeat.extent.size is Size.OUTSIDE if kind == "tuple" else at.loop is not None
        yield costly(
            rule,
            parsed,
            each.statement,
            repeat,
            evidence={"class": kind, "form": str(each.form)},
            severity=graded(parsed, costs, repeat, each.target, at.scope, at.order) if sure else Severity.INFO,
            fix=extended_in_place(parsed, costs, each, kind),
            kind=kind,
            statement=code_of(parsed, each.statement),
        )


def _container_kind(costs: Costs, each: Grown) -> str | None:
    """The class of a container that the statement copies; None where it is extended in place or not known."""
    at = each.binding
    found = costs.inference.types(each.target, at.scope, at.order)
    if each.form is Form.AUGMENTED:
        return _NEVER_IN_PLACE.get(found[0]) if len(found) == 1 else None
    if each.form is Form.SPREAD:
        return _DISPLAYS.get(type(each.value), "dict")
    if each.form is Form.UNION:
        return _kind_before(costs, each)
    if not found and not _has_arrays(costs) and _kind_before(costs, each) == "list":
        return "list"  # only a list can be added to a list
    if not found and sum_form(at.name, each.value) == "list" and not _has_arrays(costs):
        return "list"
    return _CONTAINERS.get(found[0]) if len(found) == 1 and found[0] in {LIST, TUPLE} else None


def _has_arrays(costs: Costs) -> bool:
    """Whether a file imports a package for whose arrays `x + [y]` is a sum of numbers."""
    return any(each.record.module.partition(".")[0] in _ARRAYS for each in costs.facts.imports)


def _kind_before(costs: Costs, each: Grown) -> str | None:
    """What the name holds before the loop, where all that is known to be put into it is of one kind."""
    at = each.binding
    found = [
        costs.inference.binding(one)
        for one in reaching(costs.facts, at.name, at.scope, at.order) or ()
        if one is not at and one.kind is not BindingKind.AUGMENTED
    ]
    kinds = {_CONTAINERS.get(one[0]) if len(one) == 1 else None for one in found}
    return kinds.pop() if len(kinds) == 1 else None


def _cut(costs: Costs, each: Grown, kind: str) -> bool:
    """Whether the loop also changes the container in place, perhaps to keep it short."""
    at, path = each.binding, path_of(each.target)
    if kind not in {"list", "set", "dict"} or at.loop is None or path is None:
        return False
    return any(one.done is Done.CHANGED and one.path == path for one in done_with(costs, path, at.scope, at.loop))


RULES: CostRules = {"string-concat-in-loop": concatenation, "list-concat-in-loop": recopied}
