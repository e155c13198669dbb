"""Rewrites of a whole call, or of an attribute, by a template: `pandas.concat([{self}, {0}], {*})`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import libcst as cst

from verifier.checks.matching import Matched
from verifier.checks.registry import Parsed, symbols
from verifier.checks.rewrites import syntax
from verifier.checks.rewrites.calls import Remaining, remaining
from verifier.checks.rewrites.common import Unfixable, code, enclosed, has_effect, is_simple, line, put, range_of
from verifier.checks.rewrites.names import spell
from verifier.checks.rewrites.syntax import REST, Template
from verifier.model import Edit
from verifier.semantics.names import qualify


@dataclass(frozen=True, slots=True)
class Given:
    """What fills the slots: the receiver, the arguments by place and keyword, the value of a parameter."""

    receiver: cst.BaseExpression | None = None
    value: cst.BaseExpression | None = None
    by_place: Sequence[cst.BaseExpression] = ()
    by_keyword: Mapping[str, cst.BaseExpression] = field(default_factory=dict)

    def get(self, slot: str) -> cst.BaseExpression | None:
        """The expression of a slot, if the code gives one."""
        if slot == "self":
            return self.receiver
        if slot == "value" and self.value is not None:
            return self.value
        if slot.isdecimal():
            return self.by_place[int(slot)] if int(slot) < len(self.by_place) else None
        return self.by_keyword.get(slot)


def rewrite(parsed: Parsed, use: Matched, text: str) -> tuple[str, list[Edit]]:
    """The title and edits that put what a template makes in place of the call or attribute; raises Unfixable."""
    template = syntax.read(text)
    if use.call is None or (use.api.kind == "attribute" and set(template.slots) <= {"self"}):
        return _of_attribute(parsed, use, template)
    call, slots = use.call, template.slots
    _must_be_the_function(use, call)
    left = remaining(parsed, call, template, use.argument)
    value = use.argument.value if use.argument is not None else None
    if value is not None and "value" not in slots and has_effect(value):
        raise Unfixable("what the value does would be lost")
    if template.around is None and left.arguments:
        raise Unfixable("the template does not take up every argument")
    receiver = _receiver(parsed, use, call.func) if "self" in slots else None
    given = Given(receiver, value, left.by_place, left.by_keyword)
    if template.plain and left.dropped is not None:
        return _function_only(parsed, use, call, template, given, left.dropped)
    _must_fit(template, left)
    new, edits = filled(parsed, use, template, given, left.text)
    new = new if template.tight or _is_alone(parsed, call) else f"({new})"
    return _title(code(parsed, call), new), [put(parsed, *range_of(parsed, call), new), *edits]


def expression(parsed: Parsed, use: Matched, text: str, given: Given) -> tuple[str, list[Edit]]:
    """The text that a template without `{*}` makes, and the imports that it needs; raises Unfixable."""
    return filled(parsed, use, syntax.read(text), given)


def filled(parsed: Parsed, use: Matched, template: Template, given: Given, rest: str = "") -> tuple[str, list[Edit]]:
    """A template with every slot and outside path written as the file writes it, and the imports for that."""
    pieces: list[str] = []
    edits: list[Edit] = []
    done = 0
    for part in template.parts:
        if part.slot and part.text == REST:
            start, end = template.around or (part.start, part.end)
            before, behind = template.text[start : part.start], template.text[part.end : end]
            pieces += [template.text[done:start], f"{before}{rest}{behind}" if rest.strip(" ") else ""]
            done = end
            continue
        pieces.append(template.text[done : part.start])
        done = part.end
        if part.slot:
            pieces.append(_slot(parsed, given, part, repeated=template.slots.count(part.text) > 1))
        else:
            spelled = spell(parsed, part.text, use.scope, use.order)
            edits += spelled.edits
            pieces.append(spelled.text)
    return "".join((*pieces, template.text[done:])), edits


def _slot(parsed: Parsed, given: Given, part: syntax.Part, *, repeated: bool) -> str:
    node = given.get(part.text)
    if node is None:
        raise Unfixable(f"the call does not give {part.text}")
    if repeated and not is_simple(node):
        raise Unfixable("an expression would be evaluated twice")
    return enclosed(code(parsed, node), node, loose=part.loose, dotted=part.dotted)


def _of_attribute(parsed: Parsed, use: Matched, template: Template) -> tuple[str, list[Edit]]:
    if use.api.kind != "attribute" or not isinstance(use.node, cst.Name | cst.Attribute):
        raise Unfixable("the template needs a call")
    receiver = _receiver(parsed, use, use.node) if "self" in template.slots else None
    new, edits = filled(parsed, use, template, Given(receiver))
    new = new if template.tight else f"({new})"
    return _title(code(parsed, use.node), new), [put(parsed, *range_of(parsed, use.node), new), *edits]


def _function_only(
    parsed: Parsed, use: Matched, call: cst.Call, template: Template, given: Given, dropped: Sequence[Edit]
) -> tuple[str, list[Edit]]:
    """Edits that leave the arguments where they are, because the template has them in the same order."""
    if call.func.lpar:
        raise Unfixable("the function stands in parentheses")
    start, end = template.function or (0, 0)
    inner = [part.moved(-start) for part in template.parts if start <= part.start < end]
    new, edits = filled(parsed, use, replace(template, text=template.text[start:end], parts=tuple(inner)), given)
    first, last = range_of(parsed, call)[0], range_of(parsed, call.func)[1]
    old = code(parsed, call.func)
    title = _title(old, new)
    if given.receiver is not None:
        receiver = code(parsed, given.receiver)
        if new.startswith(receiver) and parsed.text.startswith(receiver, first):
            first, new = first + len(receiver), new[len(receiver) :]
    return title, [put(parsed, first, last, new), *dropped, *edits]


def _must_be_the_function(use: Matched, call: cst.Call) -> None:
    """Raise Unfixable if the call is not one of the row's function by its name, as in `functools.partial`."""
    if use.argument is None and call.func is not use.node:
        raise Unfixable("the call is not the function's own")
    name = call.func.attr.value if isinstance(call.func, cst.Attribute) else getattr(call.func, "value", "")
    if use.argument is not None and name != use.api.path.rpartition(".")[2]:
        raise Unfixable("the call goes by another name")


def _must_fit(template: Template, left: Remaining) -> None:
    """Raise Unfixable where the arguments that are left have no place in the template's call."""
    given = {each.keyword.value for each in left.arguments if each.keyword is not None}
    if given & template.keywords or (template.keywords and any(each.star == "**" for each in left.arguments)):
        raise Unfixable("a keyword would be given twice")
    if any(each.keyword is None and each.star != "**" for each in left.arguments):
        if template.keywords:
            raise Unfixable("an argument by place would follow a keyword")
        if left.by_place and template.leading != tuple(str(number) for number in range(len(left.by_place))):
            raise Unfixable("the place of an argument would change")


def _receiver(parsed: Parsed, use: Matched, function: cst.BaseExpression) -> cst.BaseExpression:
    if not isinstance(function, cst.Attribute):
        raise Unfixable("there is no receiver")
    of_class = use.api.kind in {"method", "parameter", "value"}
    if of_class and use.api.path in qualify(parsed.facts, function, use.scope, use.order):
        raise Unfixable("the method is taken from its class")
    return function.value


def _is_alone(parsed: Parsed, call: cst.Call) -> bool:
    """Whether the call is all of a statement's value, so that nothing can take a part of what replaces it."""
    memo = symbols(parsed).world.memo
    if ("statements",) not in memo:
        memo["statements",] = {id(each.node): each.statement for each in parsed.facts.calls}
    statement = memo["statements",].get(id(call))
    return isinstance(statement, cst.Assign | cst.AnnAssign | cst.Expr | cst.Return) and statement.value is call


def _title(old: str, new: str) -> str:
    return f"Replace `{line(old)}` with `{line(new)}`"
