"""What the walk records of one file: scopes, bindings, uses, calls, loops and branches, over libcst nodes."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

import libcst as cst

from verifier.model import Import


class ScopeKind(StrEnum):
    """The kinds of scope of the language reference, type parameters (PEP 695) included."""

    MODULE = "module"
    CLASS = "class"
    FUNCTION = "function"
    LAMBDA = "lambda"
    COMPREHENSION = "comprehension"
    TYPE_PARAMETERS = "type-parameters"


class BindingKind(StrEnum):
    """How a name came to be bound."""

    ASSIGNMENT = "assignment"
    AUGMENTED = "augmented"
    ANNOTATION = "annotation"
    ATTRIBUTE = "attribute"
    IMPORT = "import"
    PARAMETER = "parameter"
    LOOP = "loop"
    WITH = "with"
    EXCEPT = "except"
    FUNCTION = "function"
    CLASS = "class"
    PATTERN = "pattern"
    TYPE_PARAMETER = "type-parameter"
    DELETION = "deletion"


class BranchKind(StrEnum):
    """Why code may not run although its scope does."""

    IF = "if"
    ELSE = "else"
    TRY = "try"
    EXCEPT = "except"
    LOOP = "loop"
    MATCH = "match"


@dataclass(slots=True, eq=False)
class Branch:
    """A piece of code that runs on a condition; `optional` and the like say what the condition means for imports."""

    kind: BranchKind
    node: cst.CSTNode
    parent: Branch | None
    optional: bool = False
    typing_only: bool = False
    unreachable: bool = False
    test: cst.BaseExpression | None = None
    """What is true (in an `else`: false) where the code runs: of `if`, `a if t else b`, `t and a`, comprehensions."""

    def within(self, other: Branch | None) -> bool:
        """Whether this branch is the other one or lies inside it."""
        branch: Branch | None = self
        while branch is not None:
            if branch is other:
                return True
            branch = branch.parent
        return other is None


@dataclass(slots=True, eq=False)
class Scope:
    """One scope with what is bound in it; `attributes` holds what methods assign to `self` when it is a class."""

    kind: ScopeKind
    node: cst.CSTNode
    parent: Scope | None
    name: str = ""
    bindings: dict[str, list[Binding]] = field(default_factory=dict)
    attributes: dict[str, list[Binding]] = field(default_factory=dict)
    outer: dict[str, ScopeKind] = field(default_factory=dict)
    """Names declared `global` or `nonlocal` here."""
    stars: list[str] = field(default_factory=list)
    """Modules of star imports, whose names nobody has read yet."""

    @property
    def function(self) -> Scope | None:
        """The function or lambda whose activation this scope belongs to, None at module and class level."""
        scope: Scope | None = self
        while scope is not None and scope.kind in {ScopeKind.COMPREHENSION, ScopeKind.TYPE_PARAMETERS}:
            scope = scope.parent
        return scope if scope and scope.kind in {ScopeKind.FUNCTION, ScopeKind.LAMBDA} else None


@dataclass(slots=True, eq=False)
class Binding:
    """One place where a name gets a value; `value` is the expression, `source` what kind of step leads from it."""

    name: str
    kind: BindingKind
    node: cst.CSTNode
    scope: Scope
    order: int
    value: cst.BaseExpression | None = None
    annotation: cst.BaseExpression | None = None
    loop: Loop | None = None
    branch: Branch | None = None
    path: str | None = None
    """The dotted path that an import binds; relative ones begin with a dot."""
    asynchronous: bool = False
    """Bound by `async with`."""
    whole: cst.BaseExpression | None = None
    """What is unpacked, where the name is one of several targets and gets no expression of its own."""
    place: tuple[tuple[int, int], ...] = ()
    """Index and count of targets on each level of unpacking; a count of -1 stands beside a starred target."""


@dataclass(slots=True, eq=False)
class Loop:
    """A `for`, a `while` or one clause of a comprehension, inside `parent` in the same function."""

    kind: str
    node: cst.CSTNode
    parent: Loop | None
    scope: Scope
    order: int
    target: cst.BaseExpression | None = None
    iterable: cst.BaseExpression | None = None
    test: cst.BaseExpression | None = None
    end: int = 0
    """The order number at which the loop's body is over."""

    def within(self, other: Loop) -> bool:
        """Whether this loop is the other one or runs inside it."""
        loop: Loop | None = self
        while loop is not None:
            if loop is other:
                return True
            loop = loop.parent
        return False


@dataclass(slots=True, eq=False)
class Use:
    """A read of a name, or of the longest attribute chain at a place, with the node that it is an operand of."""

    node: cst.BaseExpression
    parent: cst.CSTNode
    scope: Scope
    order: int
    loop: Loop | None
    branch: Branch | None


@dataclass(slots=True, eq=False)
class Call:
    """A call with where it stands; `statement` is the small statement or compound header around it."""

    node: cst.Call
    scope: Scope
    order: int
    loop: Loop | None
    branch: Branch | None
    statement: cst.CSTNode


@dataclass(slots=True, eq=False)
class ImportSite:
    """An import as the walk met it; its span is computed only when somebody asks."""

    record: Import
    node: cst.CSTNode
    statement: cst.Import | cst.ImportFrom
    branch: Branch | None = None


@dataclass(slots=True, eq=False)
class Facts:
    """Everything that one walk learned about one file."""

    tree: cst.Module
    module: Scope
    scopes: list[Scope] = field(default_factory=list)
    imports: list[ImportSite] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    loops: list[Loop] = field(default_factory=list)
    names: list[Use] = field(default_factory=list)
    attributes: list[Use] = field(default_factory=list)
    stores: list[Use] = field(default_factory=list)
    """Attributes that get a value, those of a method's own object left out."""
    comparisons: list[Use] = field(default_factory=list)
    subjects: list[Use] = field(default_factory=list)
    """What `match` statements look at."""
    augmented: list[Binding] = field(default_factory=list)


def instance_class(name: str, scope: Scope) -> Scope | None:
    """The class scope whose instance a first parameter is."""
    function = scope.function
    if function is None or not isinstance(function.node, cst.FunctionDef) or function.parent is None:
        return None
    params = (*function.node.params.posonly_params, *function.node.params.params)
    if not params or params[0].name.value != name or function.parent.kind is not ScopeKind.CLASS:
        return None
    decorators = {getattr(each.decorator, "value", None) for each in function.node.decorators}
    return None if decorators & {"staticmethod", "classmethod"} else function.parent
