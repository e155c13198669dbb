"""What a condition that holds, or does not, says of the variables in it: that somebody looked at their text."""

from __future__ import annotations

import re

import libcst as cst

from verifier.values.marks import BOUNDED, CHECKED, SCALAR, TYPED
from verifier.values.model import Value, marked
from verifier.values.run import Run
from verifier.values.state import State

_TESTING = re.compile(
    r"(?i)(valid|safe|allow|check|verif|saniti|permit|whitelist|trusted|match|authori|within|inside|ensure|require"
    r"|^_*(is|has|can|may|should)_(?!admin|staff|ajax|logged|active|none|empty|debug)\w+$|^isprintable$|^isascii$"
    r"|^isalnum$|^isdigit$|^isdecimal$|^isnumeric$|^isalpha$|^isidentifier$|^is_relative_to$|^startswith$|^fullmatch$|^url_has_|^commonpath$|^commonprefix$|^relative_to$)"
)
_REFUSING = re.compile(
    r"(?i)(invalid|unsafe|malicious|danger|suspicious|forbidden|blocked|illegal|untrusted|not_allowed)"
)
_NUMBERS = frozenset({"int", "float", "bool", "complex", "Decimal", "UUID"})


def hold(run: Run, state: State, test: cst.BaseExpression, holds: bool) -> None:
    """Mark in the state what is checked where the test is true (`holds`), or where it is false."""
    match test:
        case cst.UnaryOperation(operator=cst.Not()):
            hold(run, state, test.expression, not holds)
        case cst.BooleanOperation():
            if isinstance(test.operator, cst.And) is holds:
                hold(run, state, test.left, holds)
                hold(run, state, test.right, holds)
            else:  # one of the two, and nobody knows which
                other = state.copy()
                hold(run, state, test.left, holds)
                hold(run, other, test.right, holds)
                state.merge([other])
        case cst.NamedExpr():
            hold(run, state, test.value, holds)
        case cst.Name():
            answer = state.names.get(test.value)
            if holds and answer is not None and answer.tested:
                _mark_parsed(state, answer.tested, CHECKED)
            _mark(run, state, test, BOUNDED)
        case cst.Comparison():
            for each in (test.left, *(target.comparator for target in test.comparisons)):
                _mark(run, state, each, BOUNDED)
            if len(test.comparisons) == 1:
                _compared(run, state, test.left, test.comparisons[0], holds)
        case cst.Call():
            _asked(run, state, test, holds)


def check_all(run: Run, state: State, call: cst.Call) -> None:
    """Mark the arguments of a statement that does nothing but look at them, as `validate(path)`."""
    name = _last(call.func)
    if name and _TESTING.search(name) and not name.startswith("get"):
        for each in call.args:
            _mark(run, state, each.value, CHECKED)
        if name == "relative_to" and isinstance(call.func, cst.Attribute):
            _mark(run, state, call.func.value, CHECKED)


def _compared(run: Run, state: State, left: cst.BaseExpression, target: cst.ComparisonTarget, holds: bool) -> None:
    kind, right = target.operator, target.comparator
    match kind:
        case cst.Equal() | cst.Is():
            positive = holds
        case cst.NotEqual() | cst.IsNot():
            positive = not holds
        case cst.In():
            positive = holds
        case cst.NotIn():
            positive = not holds
        case _:
            return
    if isinstance(kind, cst.In | cst.NotIn):
        if _is_text(left):  # "<" in value
            if (not positive and not re.search(r"\w", _text(left))) or (not positive and ".." in _text(left)):
                _mark(run, state, right, CHECKED)
        elif positive and not _is_text(right):
            _mark(run, state, left, CHECKED)
            # `base in path.parents`
            if isinstance(right, cst.Attribute) and right.attr.value == "parents":
                _mark(run, state, right.value, CHECKED)
        return
    if isinstance(right, cst.Name) and right.value == "None":
        hold(run, state, left, not positive)
        return
    if positive:
        aside = state.copy()
        value, other = run.evaluate(run, aside, left), run.evaluate(run, aside, right)
        for node, equal in ((left, other), (right, value)):
            if not equal.taints and not (equal.constants and equal.constants[0] is None):
                if isinstance(node, cst.Name) and equal.constants is not None:
                    state.names.values[node.value] = equal
                else:
                    _mark(run, state, node, CHECKED)
        if isinstance(left, cst.Call):
            _asked(run, state, left, True)


def tested(call: cst.Call) -> str | None:
    """The variable that a call tests the text of: `re.match(pattern, name)`, `name.isalnum()`, `is_valid(name)`."""
    name = _last(call.func)
    if name is None or not _TESTING.search(name) or _REFUSING.search(name):
        return None
    for each in reversed(call.args):
        if isinstance(each.value, cst.Name):
            return each.value.value
    match call.func:
        case cst.Attribute(value=cst.Name(value=str(receiver))):
            return receiver
    return None


def _asked(run: Run, state: State, call: cst.Call, holds: bool) -> None:
    name = _last(call.func)
    if name is None:
        return
    if name == "isinstance" and len(call.args) == 2:  # the value and its class
        classes = call.args[1].value
        several = [each.value for each in classes.elements] if isinstance(classes, cst.Tuple) else [classes]
        names = [_last(each) for each in several]
        if holds:
            scalar = all(each in _NUMBERS for each in names)
            _mark(run, state, call.args[0].value, SCALAR if scalar else TYPED)
        return
    if name in {"any", "all"} and len(call.args) == 1 and isinstance(call.args[0].value, cst.GeneratorExp):
        inner = call.args[0].value
        if holds is (name == "all"):
            _each(run, state, inner, holds)
        return
    first = call.args[0].value if call.args else None
    if name == "endswith" and holds and isinstance(call.func, cst.Attribute):
        if run.evaluate(run, state.copy(), call.func.value).parsed:
            _mark(run, state, call.func.value, CHECKED)
        return
    if name == "startswith" and not holds and isinstance(call.func, cst.Attribute):
        if isinstance(first, cst.SimpleString) and not re.search(r"\w", _text(first)):
            _mark(run, state, call.func.value, CHECKED)
        return
    refusing = bool(_REFUSING.search(name))
    if not (refusing or _TESTING.search(name)) or holds is refusing:
        return
    if isinstance(call.func, cst.Attribute):
        _mark(run, state, call.func.value, CHECKED)
    for each in call.args:
        _mark(run, state, each.value, CHECKED)


def _each(run: Run, state: State, inner: cst.GeneratorExp, holds: bool) -> None:
    """`all(letter in ALLOWED for letter in value)`, `not any(bad in value for bad in BAD)`."""
    match inner.elt:
        case cst.Comparison(comparisons=[cst.ComparisonTarget(operator=cst.In() | cst.NotIn())]):
            if holds:
                _mark(run, state, inner.for_in.iter, CHECKED)
            else:
                _mark(run, state, inner.elt.comparisons[0].comparator, CHECKED)
        case cst.Call() | cst.BooleanOperation():
            _mark(run, state, inner.for_in.iter, CHECKED)


def _mark(run: Run, state: State, node: cst.BaseExpression, mark: str) -> None:
    """Mark what a variable, or a part of it that is looked at, depends on."""
    match node:
        case cst.Name():
            found = state.names.get(node.value)
            if found is not None:
                _mark_name(state, node.value, found, mark)
        case cst.Attribute():
            value = run.evaluate(run, state.copy(), node)
            if value.parsed:
                _mark_parsed(state, value.parsed, mark)
            base = run.evaluate(run, state.copy(), node.value)
            if state.contents(base) is not None:
                state.store(base, node.attr.value, marked(value, mark))
            elif isinstance(node.value, cst.Name):
                _mark(run, state, node.value, mark)
        case cst.Subscript():
            _mark(run, state, node.value, mark)
        case cst.List() | cst.Tuple():
            for element in node.elements:
                _mark(run, state, element.value, mark)
        case cst.Call(func=cst.Attribute()):
            # a method of a variable or a function of it, such as `realpath`
            _mark(run, state, cst.ensure_type(node.func, cst.Attribute).value, mark)
            for each in node.args:
                _mark(run, state, each.value, mark)
        case cst.Call():
            for each in node.args:
                _mark(run, state, each.value, mark)


def _mark_name(state: State, name: str, found: Value, mark: str) -> None:
    if found.parsed:
        _mark_parsed(state, found.parsed, mark)
    if state.contents(found) is None:
        state.names.values[name] = marked(found, mark)


def _mark_parsed(state: State, name: str, mark: str) -> None:
    found = state.names.get(name)
    if found is not None:
        state.names.values[name] = marked(found, mark)


def _is_text(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.SimpleString)


def _text(node: cst.BaseExpression) -> str:
    return str(node.evaluated_value) if isinstance(node, cst.SimpleString) else ""


def _last(node: cst.BaseExpression) -> str | None:
    if isinstance(node, cst.Attribute):
        return node.attr.value
    return node.value if isinstance(node, cst.Name) else None
