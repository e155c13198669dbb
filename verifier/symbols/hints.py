"""The values that annotations allow, aliases followed (PEP 484 and its successors)."""

from __future__ import annotations

import libcst as cst

from verifier.symbols import defined, expressions
from verifier.symbols.frames import DEEPEST, Frame
from verifier.symbols.model import Variable
from verifier.symbols.names import Defined, find
from verifier.symbols.trees import items, last_name, parsed
from verifier.symbols.values import NONE, ClassValue, Instance, Special, Types, Value, any_of, builtin, join

_INNER = frozenset({"Annotated", "ClassVar", "Final", "Required", "NotRequired", "ReadOnly", "Optional", "InitVar"})


def annotate(node: cst.BaseExpression | None, frame: Frame, depth: int = 0) -> Types:
    """The values that an annotation allows (PEP 484 and its successors); empty for `Any` and all that is unknown."""
    if depth > DEEPEST or node is None:
        return ()
    match node:
        case cst.Name(value="None"):
            return (NONE,)
        case cst.SimpleString():
            inner = parsed(str(node.evaluated_value))
            return () if isinstance(inner, cst.SimpleString) else annotate(inner, frame, depth + 1)
        case cst.Name() | cst.Attribute():
            if (alias := _alias(node, frame, depth)) is not None:
                return alias
            return _instances(expressions.evaluate(node, frame, depth), frame)
        case cst.BinaryOperation(operator=cst.BitOr()):
            return join(annotate(node.left, frame, depth + 1), annotate(node.right, frame, depth + 1))
        case cst.Subscript():
            return _parametrised(node, frame, depth + 1)
        case _:
            return ()


def _alias(node: cst.Name | cst.Attribute, frame: Frame, depth: int) -> Types | None:
    """What a type alias of a library stands for; None where the name is no alias."""
    if not isinstance(frame, defined.ModuleFrame):
        return None
    text = cst.Module([]).code_for_node(node)
    first = text.partition(".")[0]
    if first in frame.hidden:
        return ()
    key = ("alias", frame.module, frame.owner, text)
    targets: tuple[Defined, ...] | None = frame.world.memo.get(key, ())
    if targets == ():
        answer = find(frame.world, frame.module, text) if "." not in text else None
        targets = answer if isinstance(answer, tuple) else None
        frame.world.memo[key] = targets
    if not targets or len(targets) != 1 or len(targets[0].definitions) != 1:
        return None
    only = targets[0].definitions[0]
    if not isinstance(only, Variable) or only.value is None or only.value == only.name:
        return None
    if only.annotation is not None and last_name(only.annotation) != "TypeAlias":
        return None
    value = parsed(only.value)
    if isinstance(value, cst.BinaryOperation | cst.Subscript | cst.SimpleString):
        return annotate(value, defined.ModuleFrame(frame.world, targets[0].module), depth + 1)
    return None


def _instances(types: Types, frame: Frame) -> Types:
    found: dict[Value, None] = {}
    for each in types:
        match each:
            case (
                ClassValue(module="typing" | "typing_extensions", name="Any")
                | ClassValue(module="builtins", name="object")
            ):
                return ()
            case ClassValue():
                found[Instance(each.module, each.name, each.args)] = None
            case Special(name="Self") if frame.receiver is not None:
                made = frame.receiver
                found[Instance(made.module, made.name, made.args) if isinstance(made, ClassValue) else made] = None
            case Special(name="LiteralString"):
                found[builtin("str", exact=False)] = None
            case Special() if each.name in frame.substitution:
                some = frame.substitution[each.name]
                if not some:
                    return ()
                found.update(dict.fromkeys(some))
            case Instance() if each == NONE:
                found[NONE] = None
            case _:
                return ()
    return tuple(found)


def _parametrised(node: cst.Subscript, frame: Frame, depth: int) -> Types:
    base = expressions.evaluate(node.value, frame, depth)
    inner = items(node)
    if len(base) != 1 or not inner:
        alias = _alias(node.value, frame, depth) if isinstance(node.value, cst.Name | cst.Attribute) else None
        return alias or ()
    head = base[0]
    if isinstance(head, Special):
        if head.name == "Union":
            return any_of([annotate(each, frame, depth) for each in inner])
        if head.name == "Optional":
            return join(annotate(inner[0], frame, depth), (NONE,))
        if head.name in _INNER:
            return annotate(inner[0], frame, depth)
        if head.name == "Literal":
            return any_of([expressions.evaluate(each, frame, depth) for each in inner])
        if head.name == "Tuple":
            head = ClassValue("builtins", "tuple")
        else:
            return ()
    if not isinstance(head, ClassValue):
        return ()
    if head.module == "builtins" and head.name == "type":
        some = annotate(inner[0], frame, depth)
        return tuple(
            ClassValue(each.module, each.name, each.args, exact=False) for each in some if isinstance(each, Instance)
        )
    args = ((Special("..."),) if isinstance(each, cst.Ellipsis) else annotate(each, frame, depth) for each in inner)
    return (Instance(head.module, head.name, tuple(args)),)
