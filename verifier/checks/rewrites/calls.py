"""Which arguments of a call a template takes up, and the text of those that remain."""

from __future__ import annotations

from dataclasses import dataclass

import libcst as cst

from verifier.checks.registry import Parsed
from verifier.checks.rewrites.common import Unfixable, code, item_removal, range_of
from verifier.checks.rewrites.syntax import Template
from verifier.model import Edit


@dataclass(frozen=True, slots=True)
class Remaining:
    """The arguments of a call, parted by what a template names."""

    by_place: tuple[cst.BaseExpression, ...]
    """Those that the template takes by place, from the first on."""
    by_keyword: dict[str, cst.BaseExpression]
    arguments: tuple[cst.Arg, ...]
    """Those that are left for `{*}`."""
    text: str
    """Likewise, as they are written."""
    dropped: tuple[Edit, ...] | None
    """The edits that take the argument of a parameter or value away; None where keywords have to move."""


def remaining(parsed: Parsed, call: cst.Call, template: Template, matched: cst.Arg | None) -> Remaining:
    """The arguments that a template's slots leave over; raises Unfixable where the slots' cannot be told apart."""
    used = frozenset(template.slots)
    count = max((int(slot) + 1 for slot in used if slot.isdecimal()), default=0)
    by_place: list[cst.BaseExpression] = []
    by_keyword: dict[str, cst.BaseExpression] = {}
    left: list[cst.Arg] = []
    for each in call.args:
        if each is matched:
            continue
        if each.keyword is not None and each.keyword.value in used:
            by_keyword[each.keyword.value] = each.value
        elif each.keyword is None and not each.star and len(by_place) < count and not any(one.star for one in left):
            by_place.append(each.value)
        else:
            left.append(each)
    if len(by_place) < count or any(slot.isdecimal() and int(slot) >= len(by_place) for slot in used):
        raise Unfixable("the call has fewer arguments by place than the template takes")
    if matched is not None and matched.keyword is None and call.args.index(matched) < len(call.args) - 1:
        later = call.args[call.args.index(matched) + 1 :]
        if any(each.keyword is None and each.star != "**" for each in later):
            raise Unfixable("arguments by place follow")
    dropped: tuple[Edit, ...] | None = None
    if not by_keyword:
        dropped = () if matched is None else (item_removal(parsed, call.args, call.args.index(matched)),)
    return Remaining(
        tuple(by_place), by_keyword, tuple(left), _text(parsed, call, left, tail=template.open_ended), dropped
    )


def _text(parsed: Parsed, call: cst.Call, left: list[cst.Arg], *, tail: bool) -> str:
    """The arguments as written where they stand together, with what follows the last one of the call if `tail`."""
    if not left:
        return ""
    first = next(index for index, each in enumerate(call.args) if each is left[0])
    if list(call.args[first : first + len(left)]) != left:
        return ", ".join(_alone(parsed, each) for each in left)
    start, end = range_of(parsed, left[0])[0], range_of(parsed, left[-1])[1]
    if tail and left[-1] is call.args[-1]:
        end = range_of(parsed, call)[1] - 1
    return parsed.text[start:end].rstrip(" ")


def _alone(parsed: Parsed, argument: cst.Arg) -> str:
    start, end = range_of(parsed, argument)
    return parsed.text[start:end] if argument.star or argument.keyword else code(parsed, argument.value)
