"""The statements of a module or a class body: which names they bind, for one target."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from verifier.symbols import functions, members
from verifier.symbols.bodies import Body, pairwise, walk
from verifier.symbols.conditions import State, evaluate
from verifier.symbols.model import Variable
from verifier.symbols.module_level import Outside
from verifier.symbols.reading import Def, Reading, Scope
from verifier.symbols.strings import strings
from verifier.symbols.texts import last_part

_VALUE = 300
_TABLE = 2_000
_MAKING = frozenset(
    {
        "namedtuple",
        "NamedTuple",
        "make_dataclass",
        "TypedDict",
        "Enum",
        "IntEnum",
        "StrEnum",
        "Flag",
        "IntFlag",
        "type",
        "NewType",
    }
)
_TYPE_VARIABLES = frozenset({"TypeVar", "ParamSpec", "TypeVarTuple"})


class Block:
    """Reads the statements of one module or class into its names."""

    def __init__(self, reading: Reading, owner: ast.ClassDef | None = None) -> None:
        self.reading = reading
        self.owner = owner
        self.scope = Scope()
        self.methods: list[tuple[Def, Body]] = []
        self.open: str | None = None
        self.outside = Outside(reading, self.scope)

    def read(self, statements: Sequence[ast.stmt], state: State) -> None:
        """Bind what the statements bind, in order."""
        for each in statements:
            self._statement(each, state)

    def _statement(self, node: ast.stmt, state: State) -> None:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._function(node, state)
            case ast.ClassDef():
                self._class(node, state)
            case ast.Import() | ast.ImportFrom():
                for each in self.reading.importing(node, state):
                    self.scope.bind(each)
            case ast.Assign():
                self._expressions(node, state)
                self._exported(node, state)
                for target in node.targets:
                    self._assign(target, node.value, None, state)
            case ast.AnnAssign():
                self._expressions(node, state)
                self._assign(node.target, node.value, node.annotation, state)
            case ast.AugAssign():
                self._expressions(node, state)
                self._exported(node, state)
                self._assign(node.target, None, None, state.maybe())
            case ast.If():
                self._if(node, state)
            case ast.For() | ast.AsyncFor():
                self._run((node.iter,), state)
                self.outside.loop(node.target, node.iter)
                self._assign(node.target, None, None, state.maybe())
                self.read((*node.body, *node.orelse), state.maybe())
            case ast.While():
                self._run((node.test,), state)
                self.read((*node.body, *node.orelse), state.maybe())
            case ast.With() | ast.AsyncWith():
                for item in node.items:
                    self._run((item.context_expr,), state)
                    if item.optional_vars is not None:
                        self._assign(item.optional_vars, None, None, state)
                self.read(node.body, state.maybe() if _suppresses(node) else state)
            case ast.Match():
                self._match(node, state)
            case ast.Delete():
                for target in node.targets:
                    self._delete(target, state)
            case ast.Expr():
                self._expressions(node, state)
                self._exported(node, state)
            case ast.Assert():
                self._run((node,), state)
            case _:
                self._other(node, state)

    def _other(self, node: ast.stmt, state: State) -> None:
        if node.__class__.__name__ in {"Try", "TryStar"}:
            self._try(node, state)
        elif node.__class__.__name__ == "TypeAlias":
            self._assign(getattr(node, "name"), getattr(node, "value"), None, state)  # noqa: B009

    def _exported(self, node: ast.stmt, state: State) -> None:
        if self.owner is None:
            self.reading.exports.statement(node, self.reading.literals, state)

    def _function(self, node: Def, state: State) -> None:
        self._run((*node.decorator_list, *node.args.defaults, *filter(None, node.args.kw_defaults)), state)
        function, body = functions.read(self.reading, node, state, method=self.owner is not None)
        if self.owner is not None:
            self.methods.append((node, body))
        elif node.name == "__getattr__":
            self.reading.getattr = node
        if node.name in self.scope.names and any(
            each in {f"{node.name}.setter", f"{node.name}.deleter", f"{node.name}.getter"}
            for each in function.decorators
        ):
            return
        self.scope.bind(function)

    def _class(self, node: ast.ClassDef, state: State) -> None:
        self._run((*node.decorator_list, *node.bases, *(each.value for each in node.keywords)), state)
        block = Block(self.reading, node)
        block.read(node.body, State(typing_only=state.typing_only))
        self.scope.bind(members.assemble(self.reading, node, block.scope, block.methods, block.open, state))

    def _if(self, node: ast.If, state: State) -> None:
        reading = self.reading
        self._run((node.test,), state)
        checked = evaluate(node.test, reading.target, reading.truths, checker=True)
        holds = checked if reading.stub else evaluate(node.test, reading.target, reading.truths, checker=False)
        for body, runs, seen in (
            (node.body, holds, checked),
            (node.orelse, _opposite(holds), _opposite(checked)),
        ):
            if runs is None:
                self.read(body, state.maybe())
            elif runs:
                self.read(body, state)
            elif seen is not False:
                self.read(body, state.typing())

    def _try(self, node: ast.stmt, state: State) -> None:
        assert isinstance(node, ast.Try | ast.TryStar)  # noqa: S101  # the caller looked
        self.read(node.body, state.maybe())
        for handler in node.handlers:
            if handler.name:
                self.scope.bind(Variable(handler.name, handler.lineno, None, None, conditional=True))
            self.read(handler.body, state.maybe())
        self.read(node.orelse, state.maybe())
        self.read(node.finalbody, state)

    def _match(self, node: ast.Match, state: State) -> None:
        self._run((node.subject,), state)
        for case in node.cases:
            for each in walk(case.pattern):
                name = each.rest if isinstance(each, ast.MatchMapping) else getattr(each, "name", None)
                if isinstance(name, str) and isinstance(each, ast.pattern):
                    self.scope.bind(Variable(name, node.lineno, None, None, conditional=True))
            if case.guard is not None:
                self._run((case.guard,), state)
            self.read(case.body, state.maybe())

    def _assign(self, target: ast.expr, value: ast.expr | None, annotation: ast.expr | None, state: State) -> None:
        match target:
            case ast.Name(id=name):
                self._name(name, target.lineno, value, annotation, state)
            case ast.Attribute():
                self.outside.assigned(target, value)
            case ast.Starred():
                self._assign(target.value, None, None, state)
            case ast.Tuple() | ast.List():
                values = pairwise(target, value)
                for index, each in enumerate(target.elts):
                    self._assign(each, values[index] if values else None, None, state)

    def _name(self, name: str, line: int, value: ast.expr | None, annotation: ast.expr | None, state: State) -> None:
        texts = self.reading.texts
        text: str | None = None
        if value is not None:
            making = isinstance(value, ast.Call) and last_part(value.func) in _MAKING
            # a value too long to keep is still a value: a dataclass's field with it has a default
            text = texts.text(value, _TABLE if making else _VALUE) or "..."
        self.scope.bind(Variable(name, line, texts.annotation(annotation), text, state.conditional, state.typing_only))
        if self.owner is None and value is not None:
            self._known(name, value, state)

    def _known(self, name: str, value: ast.expr, state: State) -> None:
        """Keep what later statements may refer to."""
        reading = self.reading
        if name == "__all__":
            reading.exports.assign(value, reading.literals, state)
            return
        if isinstance(value, ast.Constant):
            if isinstance(value.value, str):
                reading.literals[f"={name}"] = (value.value,)
        elif isinstance(value, ast.Compare | ast.BoolOp | ast.UnaryOp):
            truth = evaluate(value, reading.target, reading.truths, checker=False)
            if truth is not None and not state.conditional:
                reading.truths[name] = truth
        elif (found := strings(value, reading.literals)) is not None:
            reading.literals[name] = found
        elif isinstance(value, ast.Call) and last_part(value.func) in _TYPE_VARIABLES:
            reading.type_variables.add(name)

    def _delete(self, target: ast.expr, state: State) -> None:
        match target:
            case ast.Name(id=name):
                self.scope.forget(name, state)
            case ast.Tuple() | ast.List():
                for each in target.elts:
                    self._delete(each, state)

    def _expressions(self, node: ast.stmt, state: State) -> None:
        self._run((node,), state)

    def _run(self, roots: Sequence[ast.AST], state: State) -> None:
        for each in walk(*roots):
            if isinstance(each, ast.NamedExpr) and isinstance(each.target, ast.Name):
                self._name(each.target.id, each.lineno, each.value, None, state.maybe())
            elif isinstance(each, ast.Call):
                self._call(each)

    def _call(self, node: ast.Call) -> None:
        if self.owner is None:
            self.outside.call(node)
        elif isinstance(node.func, ast.Name) and _fills(node.func.id, len(node.args)):
            self.open = f"line {node.lineno} uses {node.func.id}() in the class body"


def _suppresses(node: ast.With | ast.AsyncWith) -> bool:
    """Whether the body may end early, as in `with suppress(ImportError)`."""
    calls = (item.context_expr for item in node.items)
    return any(isinstance(each, ast.Call) and last_part(each.func) == "suppress" for each in calls)


def _fills(name: str, arguments: int) -> bool:
    """Whether a call may bind names in the body around it."""
    return (name == "exec" and arguments < 2) or (name in {"locals", "vars"} and not arguments)


def _opposite(truth: bool | None) -> bool | None:
    return None if truth is None else not truth
