"""What statements of a module do to the classes that it defines: assign to them, or hand them to other code."""

from __future__ import annotations

import ast

from verifier.symbols.model import Class, Variable
from verifier.symbols.reading import Reading, Scope
from verifier.symbols.strings import strings, words
from verifier.symbols.texts import last_part

_HARMLESS = words(
    "register issubclass isinstance TypeVar cast NewType Union Optional Type List Dict Tuple Annotated Literal "
    "append add super type namedtuple NamedTuple partial field pickle print len list tuple set dict frozenset "
    "defaultdict deque getattr hasattr callable id repr str bool dir vars iter next sorted map filter zip "
    "enumerate min max sum any all dispatch singledispatch extend insert lru_cache ParamSpec ContextVar ref proxy "
    "WeakSet WeakKeyDictionary signature getmembers getdoc get_type_hints TypeAdapter assert_type reveal_type "
    "ForwardRef implementer simplefilter filterwarnings"
)


class Outside:
    """Follows, statement by statement, what happens to the classes of a module."""

    def __init__(self, reading: Reading, scope: Scope) -> None:
        self._reading = reading
        self._scope = scope
        self._classes: dict[str, tuple[str, ...]] = {}
        self._names: dict[str, tuple[str, ...]] = {}

    def loop(self, target: ast.expr, items: ast.expr) -> None:
        """Remember a loop variable that goes through classes of the module or through literal names."""
        if not isinstance(target, ast.Name):
            return
        self._classes.pop(target.id, None)
        self._names.pop(target.id, None)
        if isinstance(items, ast.Tuple | ast.List | ast.Set):
            found = tuple(name for each in items.elts for name in self._meant(each))
            if found:
                self._classes[target.id] = found
        names = strings(items, self._reading.literals)
        if names is not None:
            self._names[target.id] = names

    def _meant(self, node: ast.AST) -> tuple[str, ...]:
        """The classes of the module that a bare name means."""
        if not isinstance(node, ast.Name):
            return ()
        if any(isinstance(each, Class) for each in self._scope.names.get(node.id, ())):
            return (node.id,)
        return self._classes.get(node.id, ())

    def assigned(self, target: ast.Attribute, value: ast.expr | None) -> None:
        """An assignment to an attribute."""
        self._reading.stored.add(target.attr)
        for name in self._meant(target.value):
            if target.attr in {"__dict__", "__class__"}:
                self._reading.opened[name] = f"line {target.lineno} replaces its {target.attr}"
            text = None if value is None else self._reading.texts.text(value, 300)
            self._add(name, target.attr, target.lineno, text)

    def _add(self, owner: str, name: str, line: int, value: str | None = None) -> None:
        self._reading.added.setdefault(owner, []).append(Variable(name, line, None, value, conditional=True))

    def call(self, node: ast.Call) -> None:
        """A call that runs when the module is imported."""
        callee = last_part(node.func)
        if callee == "setattr" and isinstance(node.func, ast.Name) and len(node.args) > 1:
            self._set(node, node.args[0], node.args[1])
            return
        if callee in _HARMLESS:
            return
        for each in (*node.args, *(keyword.value for keyword in node.keywords)):
            for name in self._meant(each):
                self._reading.opened.setdefault(name, f"line {node.lineno} hands it to {callee or 'a call'}")

    def _set(self, node: ast.Call, owner: ast.expr, key: ast.expr) -> None:
        names: tuple[str, ...] | None = None
        match key:
            case ast.Constant(value=str(text)):
                names = (text,)
            case ast.Name(id=name):
                names = self._names.get(name)
        self._reading.stored.update(names or ())
        for each in self._meant(owner):
            if names is None:
                self._reading.opened[each] = f"line {node.lineno} sets attributes by names that are not written there"
            for name in names or ():
                self._add(each, name, node.lineno)
