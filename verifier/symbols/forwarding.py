"""Whether a keyword is accepted by what a function passes its `**kwargs` on to."""

from __future__ import annotations

from collections.abc import Collection

from verifier.symbols.classes import Member, member
from verifier.symbols.decorators import added_keywords
from verifier.symbols.defined import ModuleFrame
from verifier.symbols.expressions import evaluate
from verifier.symbols.model import Forward
from verifier.symbols.modules import World
from verifier.symbols.signatures import named, takes_any
from verifier.symbols.targets import Target, of_member, targets_of
from verifier.symbols.trees import parsed
from verifier.symbols.values import ClassValue, Instance

_DEEPEST = 8
"""Functions that a keyword is followed through at most."""


def accepted(
    world: World, target: Target, keyword: str, through: list[str], given: Collection[str] = (), depth: int = 0
) -> bool | None:
    """Whether a function that passes `**kwargs` on takes a keyword; None where a step cannot be followed.

    `given` are all keywords of the call; `through` takes the functions on the way that do not name the keyword.
    """
    function = target.function
    if keyword in named(function) or keyword in function.reads:
        return True
    if not takes_any(function):
        return False
    if function.escapes or depth > _DEEPEST:
        return None
    if keyword in added_keywords(world, target.module, function):
        return True
    if not function.forwards:
        return None if target.stub else True
    if any(keyword in each.keywords or each.unless in given for each in function.forwards):
        return None
    for forward in function.forwards:
        onward = _forwarded(world, target, forward)
        if not onward:
            return None
        for each in onward:
            verdict = accepted(world, each, keyword, through, (), depth + 1)
            if verdict is not False:
                return verdict
            through.append(f"{each.module}.{each.owner}.{each.function.name}".replace("..", "."))
    return False


def names_it(world: World, target: Target, keyword: str, depth: int = 0) -> bool:
    """Whether a function, or one that it passes its `**kwargs` on to, names the keyword."""
    function = target.function
    if keyword in named(function) or keyword in added_keywords(world, target.module, function):
        return True
    if not takes_any(function) or depth > _DEEPEST:
        return False
    onward = (each for forward in function.forwards for each in _forwarded(world, target, forward) or ())
    return any(names_it(world, each, keyword, depth + 1) for each in onward)


def _forwarded(world: World, target: Target, forward: Forward) -> list[Target] | None:
    """The functions that a forwarding call reaches."""
    text = forward.callee
    if text.startswith("super()."):
        attribute = text.removeprefix("super().")
        receiver = target.receiver
        if not isinstance(receiver, Instance | ClassValue) or not attribute.isidentifier():
            return None
        found = member(world, receiver.module, receiver.name, attribute, after=(target.module, target.owner))
        return of_member(world, found, receiver) if isinstance(found, Member) else None
    node = parsed(text)
    if node is None:
        return None
    names = frozenset(each.name for each in target.function.parameters) - {"self", "cls"}
    frame = ModuleFrame(world, target.module, target.owner, target.receiver, {}, names)
    targets: list[Target] = []
    for each in evaluate(node, frame):
        some = targets_of(world, each)
        if some is None:
            return None
        targets += some
    return targets or None
