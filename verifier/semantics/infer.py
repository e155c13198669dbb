"""Inferred types: which classes the value of an expression may have, as dotted paths such as `builtins.list`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import libcst as cst

from verifier.semantics.model import Binding, BindingKind, Facts, Scope, instance_class
from verifier.semantics.names import qualify, reaching

Types = tuple[str, ...]
"""Possible classes; empty means unknown."""

_DEEPEST = 6
_LITERALS: dict[type[cst.CSTNode], str] = {
    cst.List: "builtins.list",
    cst.ListComp: "builtins.list",
    cst.Dict: "builtins.dict",
    cst.DictComp: "builtins.dict",
    cst.Set: "builtins.set",
    cst.SetComp: "builtins.set",
    cst.Tuple: "builtins.tuple",
    cst.GeneratorExp: "types.GeneratorType",
    cst.Integer: "builtins.int",
    cst.Float: "builtins.float",
    cst.Imaginary: "builtins.complex",
    cst.FormattedString: "builtins.str",
    cst.Lambda: "types.FunctionType",
    cst.Comparison: "builtins.bool",
}
_GENERIC = {
    "typing.List": "builtins.list",
    "typing.Dict": "builtins.dict",
    "typing.Set": "builtins.set",
    "typing.FrozenSet": "builtins.frozenset",
    "typing.Tuple": "builtins.tuple",
    "typing.Deque": "collections.deque",
    "typing.DefaultDict": "collections.defaultdict",
    "typing.OrderedDict": "collections.OrderedDict",
    "typing.Counter": "collections.Counter",
    "typing.Text": "builtins.str",
}
_NUMBERS = frozenset({"builtins.int", "builtins.float", "builtins.bool"})


class Inference:
    """Types of expressions in one file; `returns` says what known calls give (call path to type path)."""

    __slots__ = ("_active", "_facts", "_returns")

    def __init__(self, facts: Facts, returns: Mapping[str, str]) -> None:
        self._facts = facts
        self._returns = returns
        self._active: set[int] = set()

    def types(self, node: cst.BaseExpression, scope: Scope, order: int, depth: int = 0) -> Types:
        """The possible classes of an expression's value at a point of the walk; empty when one of them is unknown."""
        if depth > _DEEPEST:
            return ()
        if literal := _LITERALS.get(type(node)):
            return (literal,)
        match node:
            case cst.SimpleString():
                return ("builtins.bytes" if "b" in node.prefix.lower() else "builtins.str",)
            case cst.ConcatenatedString():
                return self.types(node.left, scope, order, depth + 1)
            case cst.Name(value="True" | "False"):
                return ("builtins.bool",)
            case cst.Name(value="None"):
                return ("None",)
            case cst.Name():
                return self._name(node.value, scope, order, depth)
            case cst.Attribute():
                return self._attribute(node, scope, depth)
            case cst.Call():
                return self._call(node, scope, order, depth)
            case cst.BinaryOperation():
                return self._binary(node, scope, order, depth)
            case cst.IfExp():
                return _join(
                    self.types(node.body, scope, order, depth + 1), self.types(node.orelse, scope, order, depth + 1)
                )
            case cst.NamedExpr() | cst.Await():
                inner = node.value if isinstance(node, cst.NamedExpr) else node.expression
                return self.types(inner, scope, order, depth + 1)
            case cst.Subscript():
                return self._subscript(node, scope, order, depth)
            case _:
                return ()

    def annotation(self, node: cst.BaseExpression, scope: Scope, order: int) -> Types:
        """The classes that an annotation allows; `None` is one of them for an optional."""
        match node:
            case cst.Name(value="None"):
                return ("None",)
            case cst.Name() | cst.Attribute():
                paths = qualify(self._facts, node, scope, order)
                return tuple(_GENERIC.get(path, path) for path in paths)
            case cst.SimpleString():
                return self._quoted(node, scope, order)
            case cst.BinaryOperation(operator=cst.BitOr()):
                return _join(self.annotation(node.left, scope, order), self.annotation(node.right, scope, order))
            case cst.Subscript():
                base = qualify(self._facts, node.value, scope, order)
                inner = [each.slice.value for each in node.slice if isinstance(each.slice, cst.Index)]
                if base == ("typing.Optional",) and inner:
                    return _join(self.annotation(inner[0], scope, order), ("None",))
                if base == ("typing.Union",):
                    joined: Types = ("None",)
                    for each in inner:
                        joined = _join(joined, self.annotation(each, scope, order))
                    return joined
                if base in {("typing.Annotated",), ("typing.Final",), ("typing.ClassVar",)} and inner:
                    return self.annotation(inner[0], scope, order)
                return tuple(_GENERIC.get(path, path) for path in base)
            case _:
                return ()

    def _quoted(self, node: cst.SimpleString, scope: Scope, order: int) -> Types:
        try:
            inner = cst.parse_expression(str(node.evaluated_value))
        except cst.ParserSyntaxError:
            return ()
        return () if isinstance(inner, cst.SimpleString) else self.annotation(inner, scope, order)

    def _name(self, name: str, scope: Scope, order: int, depth: int) -> Types:
        bindings = reaching(self._facts, name, scope, order)
        if not bindings:
            return ()
        if any(each.scope.stars for each in bindings):
            return ()
        return self._join_bindings(bindings, depth)

    def _join_bindings(self, bindings: Sequence[Binding], depth: int) -> Types:
        """What all bindings give; one that is being asked about already (`x = x.f()` in a loop) adds nothing new."""
        joined: Types | None = None
        for each in bindings:
            if each.kind in {BindingKind.AUGMENTED, BindingKind.DELETION} or id(each) in self._active:
                continue
            self._active.add(id(each))
            found = self.binding(each, depth)
            self._active.discard(id(each))
            if not found:
                return ()
            joined = found if joined is None else _join(joined, found)
        return joined or ()

    def binding(self, each: Binding, depth: int = 0) -> Types:
        """The classes of the value that one binding gives its name."""
        if each.annotation is not None:
            found = self.annotation(each.annotation, each.scope, each.order)
            if each.kind is not BindingKind.PARAMETER or found:
                return found
        match each.kind:
            case BindingKind.ASSIGNMENT | BindingKind.ATTRIBUTE | BindingKind.PATTERN if each.value is not None:
                return self.types(each.value, each.scope, each.order, depth + 1)
            case BindingKind.WITH if each.value is not None:
                return self.types(each.value, each.scope, each.order, depth + 1)
            case BindingKind.LOOP:
                return self._element(each, depth)
            case BindingKind.PARAMETER:
                owner = instance_class(each.name, each.scope)
                return (f"<local>.{owner.name}",) if owner is not None else ()
            case BindingKind.CLASS | BindingKind.FUNCTION:
                return ()
            case _:
                return ()

    def _element(self, each: Binding, depth: int) -> Types:
        if each.loop is None or each.loop.iterable is None or each.loop.target is not each.node:
            return ()
        found = self.types(each.loop.iterable, each.scope, each.loop.order, depth + 1)
        return (
            ("builtins.int",)
            if found == ("builtins.range",)
            else ("builtins.str",)
            if found == ("builtins.str",)
            else ()
        )

    def _attribute(self, node: cst.Attribute, scope: Scope, depth: int) -> Types:
        if isinstance(node.value, cst.Name):
            owner = instance_class(node.value.value, scope)
            if owner is not None:
                bindings = owner.attributes.get(node.attr.value) or owner.bindings.get(node.attr.value)
                return self._join_bindings(bindings, depth + 1) if bindings else ()
        return ()

    def _call(self, node: cst.Call, scope: Scope, order: int, depth: int) -> Types:
        paths = qualify(self._facts, node.func, scope, order)
        if not paths and isinstance(node.func, cst.Attribute):
            receivers = self.types(node.func.value, scope, order, depth + 1)
            paths = tuple(f"{each}.{node.func.attr.value}" for each in receivers)
        found: dict[str, None] = {}
        for path in paths:
            given = self._returns.get(path)
            if (given is None and path.rsplit(".", 1)[-1][:1].isupper()) or path in _CONSTRUCTORS:
                given = path
            if given is None:
                return ()
            found[given] = None
        return tuple(found)

    def _binary(self, node: cst.BinaryOperation, scope: Scope, order: int, depth: int) -> Types:
        left = self.types(node.left, scope, order, depth + 1)
        right = self.types(node.right, scope, order, depth + 1)
        if isinstance(node.operator, cst.Modulo) and left in {("builtins.str",), ("builtins.bytes",)}:
            return left
        if isinstance(node.operator, cst.Add):
            for side in (left, right):
                if side in {("builtins.str",), ("builtins.list",), ("builtins.tuple",), ("builtins.bytes",)}:
                    return side
        if isinstance(node.operator, cst.Multiply) and left in {("builtins.list",), ("builtins.str",)}:
            return left
        if left and right and set(left) <= _NUMBERS and set(right) <= _NUMBERS:
            return ("builtins.float",) if "builtins.float" in left + right else ("builtins.int",)
        return ()

    def _subscript(self, node: cst.Subscript, scope: Scope, order: int, depth: int) -> Types:
        """A slice of a sequence has the sequence's class; an element is unknown."""
        base = self.types(node.value, scope, order, depth + 1)
        sliced = len(node.slice) == 1 and isinstance(node.slice[0].slice, cst.Slice)
        if sliced and set(base) <= {"builtins.list", "builtins.str", "builtins.tuple", "builtins.bytes"}:
            return base
        return ("builtins.str",) if base == ("builtins.str",) else ()


_CONSTRUCTORS = frozenset(
    {
        "builtins.list",
        "builtins.dict",
        "builtins.set",
        "builtins.frozenset",
        "builtins.tuple",
        "builtins.str",
        "builtins.bytes",
        "builtins.bytearray",
        "builtins.int",
        "builtins.float",
        "builtins.bool",
        "builtins.range",
        "builtins.enumerate",
        "builtins.zip",
        "builtins.map",
        "builtins.filter",
        "builtins.reversed",
        "collections.deque",
        "collections.defaultdict",
        "array.array",
    }
)


def _join(left: Types, right: Types) -> Types:
    return tuple(dict.fromkeys(left + right)) if left and right else ()
