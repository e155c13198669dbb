"""A module's `__getattr__`: which names it answers, which it refuses, and whether there can be others (PEP 562)."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from verifier.symbols.bodies import walk
from verifier.symbols.model import Fallback
from verifier.symbols.reading import Def
from verifier.symbols.strings import strings

UNKNOWN = Fallback()


class End(Enum):
    """How statements end for a name that none of them singles out."""

    FALLS = 0
    RAISES = 1
    RETURNS = 2


Keys = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Test:
    """The names for which a test holds; `sure`: for all of them; `inverse`: for all others."""

    keys: Keys
    sure: bool = True
    inverse: bool = False


_PRIVATE = Test((), sure=False)


def fallback(node: Def, known: Mapping[str, Keys], exports: Keys | None) -> Fallback:
    """What a module-level `__getattr__` answers."""
    if not node.args.args and not node.args.posonlyargs:
        return UNKNOWN
    name = (*node.args.posonlyargs, *node.args.args)[0].arg
    tables = dict(known) if exports is None else {**known, "__all__": exports}
    judge = _Judge(name, tables)
    end = judge.run(node.body)
    return Fallback(tuple(judge.names), tuple(judge.gone), end is End.RAISES and not judge.open)


@dataclass(slots=True)
class _Judge:
    """Runs the statements for a name of which nothing is known."""

    parameter: str
    known: Mapping[str, Keys]
    names: dict[str, None] = field(default_factory=dict)
    gone: dict[str, None] = field(default_factory=dict)
    open: bool = False
    found: dict[str, Keys] = field(default_factory=dict)
    """Local names that hold what a table has for the name, or None."""

    def run(self, statements: Sequence[ast.stmt]) -> End:
        """How the statements end for any other name."""
        for index, each in enumerate(statements):
            rest = statements[index + 1 :]
            keys = self._filter(each)
            if keys is not None:
                self._only(keys, rest)
                return End.RAISES
            match each:
                case ast.Raise():
                    return End.RAISES
                case ast.Return():
                    return self._return(each.value)
                case ast.If():
                    end = self._if(each, rest)
                case ast.Try():
                    end = self._try(each)
                case ast.Match():
                    end = self._match(each)
                case ast.With():
                    end = self.run(each.body)
                case ast.For() | ast.While():
                    end = self.run(each.body)
                    self.open = self.open or end is End.RETURNS
                    end = self.run(each.orelse)
                case _:
                    self._note(each)
                    end = End.FALLS
            if end is not End.FALLS:
                return end
        return End.FALLS

    def _only(self, keys: Keys, statements: Sequence[ast.stmt]) -> None:
        """Run statements that only these names reach."""
        before = self.open
        end = self.run(statements)
        self.open = before
        (self.gone if end is End.RAISES else self.names).update(dict.fromkeys(keys))

    def _return(self, value: ast.expr | None) -> End:
        keys = self._lookup(value) if value is not None else None
        self.names.update(dict.fromkeys(keys or ()))
        return End.RETURNS if keys is None else End.RAISES

    def _lookup(self, root: ast.AST) -> Keys | None:
        """The keys of a table that an expression takes the name out of; a name that is no key raises KeyError."""
        for each in walk(root):
            match each:
                case ast.Subscript(value=ast.Name(id=table), slice=ast.Name(id=key)) if key == self.parameter:
                    if table in self.known:
                        return self.known[table]
                case ast.Subscript(value=ast.Dict() as display, slice=ast.Name(id=key)) if key == self.parameter:
                    return strings(display, self.known)
                case ast.Subscript(value=ast.Call(func=ast.Name(id="globals"), args=[]), slice=ast.Name(id=key)) if (
                    key == self.parameter
                ):
                    return ()
        return None

    def _filter(self, node: ast.stmt) -> Keys | None:
        """The only names that get past a statement that looks the name up."""
        match node:
            case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value):
                return self._lookup(value)
            case ast.Try(body=[*_, last], handlers=[_, *_]) if not node.orelse:
                keys = self._filter(last)
                ends = [self.run(each.body) for each in node.handlers] if keys is not None else []
                return keys if keys is not None and all(each is End.RAISES for each in ends) else None
            case _:
                return None

    def _note(self, node: ast.stmt) -> None:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            target = node.targets[0].id
            self.open = self.open or target == self.parameter
            if (keys := self._get(node.value)) is not None:
                self.found[target] = keys

    def _get(self, node: ast.expr) -> Keys | None:
        """The keys of `TABLE.get(name)`."""
        match node:
            case ast.Call(
                func=ast.Attribute(value=table, attr="get" | "pop"),
                args=[ast.Name(id=key)] | [ast.Name(id=key), ast.Constant(value=None)],
                keywords=[],
            ) if key == self.parameter:
                return strings(table, self.known)
            case ast.NamedExpr(target=target, value=value):
                keys = self._get(value)
                if keys is not None:
                    self.found[target.id] = keys
                return keys
            case ast.Name(id=name):
                return self.found.get(name)
            case _:
                return None

    def _if(self, node: ast.If, rest: Sequence[ast.stmt]) -> End:
        test = self._test(node.test)
        if test is None:
            ends = (self.run(node.body), self.run(node.orelse))
            self.open |= End.RETURNS in ends
            return End.RAISES if ends == (End.RAISES, End.RAISES) else End.FALLS
        chosen, others = (node.orelse, node.body) if test.inverse else (node.body, node.orelse)
        end = self.run(others)
        before = self.open
        inner = self.run(chosen)
        self.open = before
        if inner is End.RETURNS:
            self.names.update(dict.fromkeys(test.keys))
        elif inner is End.RAISES and test.sure:
            self.gone.update(dict.fromkeys(test.keys))
        elif end is not End.FALLS:
            self._only(test.keys, rest)
        return end

    def _try(self, node: ast.Try) -> End:
        end = self.run(node.body)
        handled = [self.run(each.body) for each in node.handlers]
        if end is End.FALLS:
            end = self.run(node.orelse)
        if End.RETURNS in handled or (End.FALLS in handled and end is End.RETURNS):
            self.open = True
        if end is End.RAISES:
            return End.RAISES if all(each is End.RAISES for each in handled) else End.FALLS
        return end

    def _match(self, node: ast.Match) -> End:
        if not (isinstance(node.subject, ast.Name) and node.subject.id == self.parameter):
            self.open = True
            return End.FALLS
        for case in node.cases:
            if isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None and case.guard is None:
                return self.run(case.body)
            keys = _pattern(case.pattern)
            end = self.run(case.body)
            if keys is None or case.guard is not None:
                self.open |= end is End.RETURNS
            else:
                (self.gone if end is End.RAISES else self.names).update(dict.fromkeys(keys))
        return End.FALLS

    def _test(self, node: ast.expr) -> Test | None:
        """What a test says of the name; None where that cannot be told."""
        match node:
            case ast.Compare(left=ast.Name(id=name), ops=[op], comparators=[right]) if name == self.parameter:
                return self._comparison(op, right)
            case ast.Compare(left=left, ops=[ast.IsNot() | ast.Is() as op], comparators=[ast.Constant(value=None)]):
                keys = self._get(left)
                return None if keys is None else Test(keys, inverse=isinstance(op, ast.Is))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                inner = self._test(operand)
                if inner is None or not inner.sure:
                    return inner if inner is _PRIVATE else None
                return Test(inner.keys, inverse=not inner.inverse)
            case ast.BoolOp(op=ast.Or(), values=values):
                tests = [self._test(each) for each in values]
                if all(each is not None and not each.inverse for each in tests):
                    keys = tuple(key for each in tests if each is not None for key in each.keys)
                    return Test(keys, sure=all(each is not None and each.sure for each in tests))
                return None
            case ast.BoolOp(op=ast.And(), values=values):
                for each in values:
                    found = self._test(each)
                    if found is not None and not found.inverse:
                        return Test(found.keys, sure=False)
                return None
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="startswith" | "endswith"), args=[argument]):
                private = isinstance(argument, ast.Constant) and argument.value in {"_", "__"}
                return _PRIVATE if private and name == self.parameter else None
            case _:
                keys = self._get(node)
                return None if keys is None else Test(keys)

    def _comparison(self, op: ast.cmpop, right: ast.expr) -> Test | None:
        match op, right:
            case ((ast.Eq() | ast.NotEq()), ast.Constant(value=str(text))):
                return Test((text,), inverse=isinstance(op, ast.NotEq))
            case ((ast.In() | ast.NotIn()), ast.Call(func=ast.Name(id="globals"), args=[])):
                return Test((), inverse=isinstance(op, ast.NotIn))
            case ((ast.In() | ast.NotIn()), _):
                keys = strings(right, self.known)
                return None if keys is None else Test(keys, inverse=isinstance(op, ast.NotIn))
            case _:
                return None


def _pattern(node: ast.pattern) -> Keys | None:
    match node:
        case ast.MatchValue(value=ast.Constant(value=str(text))):
            return (text,)
        case ast.MatchOr(patterns=patterns):
            found = [_pattern(each) for each in patterns]
            return None if None in found else tuple(key for each in found if each for key in each)
        case _:
            return None
