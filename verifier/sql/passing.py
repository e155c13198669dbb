"""Functions of a file that hand a text and the values beside it on to the driver as they get them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import libcst as cst

from verifier.semantics.infer import Inference
from verifier.semantics.model import Call, Scope
from verifier.sql.drivers import driven
from verifier.sql.texts import Reader


def passing(reader: Reader, inference: Inference, sites: tuple[str, ...]) -> Mapping[str, str]:
    """The parameter for the values of each such function, by the function's name; `query(sql, params)` and the like."""
    if not sites:
        return {}
    found: dict[str, str] = {}
    for call in reader.facts.calls:
        match call.node.args:
            case [
                cst.Arg(value=cst.Name(value=text), keyword=None, star=""),
                cst.Arg(value=cst.Name(value=values), keyword=None, star=""),
            ] if driven(call, inference, sites) == "execute":
                function = call.scope.function
                if function is not None and _hands_on(function, text, values):
                    found[function.name] = values
            case _:
                pass
    times = Counter(each.name for each in reader.facts.scopes if isinstance(each.node, cst.FunctionDef))
    return {name: values for name, values in found.items() if times[name] == 1}


def handed(call: Call, values: str) -> Sequence[cst.Arg] | None:
    """The text and the values that a call gives such a function; None where another argument may be the values."""
    named = {each.keyword.value for each in call.node.args if each.keyword is not None}
    placed = [each for each in call.node.args if each.keyword is None]
    if values in named or any(each.star for each in call.node.args):
        return None
    return placed[:2]


def _hands_on(function: Scope, text: str, values: str) -> bool:
    """Whether a function's first parameters are these, never bound again, and no values are the default."""
    node = function.node
    if not isinstance(node, cst.FunctionDef):
        return False
    params = [*node.params.posonly_params, *node.params.params]
    if params and params[0].name.value in {"self", "cls"}:
        params = params[1:]
    if [each.name.value for each in params[:2]] != [text, values]:
        return False
    if any(len(function.bindings.get(name, ())) != 1 for name in (text, values)):
        return False
    match params[1].default:
        case None | cst.Name(value="None") | cst.Tuple(elements=[]) | cst.List(elements=[]) | cst.Dict(elements=[]):
            return True
        case _:
            return False
