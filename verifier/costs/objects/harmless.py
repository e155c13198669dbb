"""Calls that neither change what they are given nor keep it: builtins, the standard library's and numpy's by name."""

from __future__ import annotations

import libcst as cst

from verifier.costs.model import Costs
from verifier.semantics.guards import dotted
from verifier.semantics.model import BindingKind, Scope
from verifier.semantics.names import visible

_NAMES = """
abs all any ascii bin bool bytes chr complex dict divmod enumerate filter float format frozenset getattr hasattr hash
hex id input int isinstance issubclass len list map max min oct open ord pow print range repr reversed round set slice
sorted str sum tuple type zip tqdm deepcopy copy sqrt floor ceil log log2 log10 exp gcd isclose mean median stdev
Counter combinations permutations product accumulate bisect bisect_left bisect_right nlargest nsmallest AssertionError
Exception IndexError KeyError RuntimeError TypeError ValueError
"""
"""Builtins, and imports under their own names; believed only where the file does not define them itself."""
_SAME_AGAIN = """
abs all any bool chr divmod float frozenset hash int len list max min ord pow range reversed round set sorted str sum
tuple zip enumerate dict bin hex isinstance sqrt floor ceil log log2 exp isclose mean median Counter
"""
_OF_VALUES = """
get items keys values count index copy split rsplit splitlines strip lstrip rstrip lower upper title casefold
capitalize join startswith endswith format replace find rfind partition rpartition union intersection difference
symmetric_difference issubset issuperset isdisjoint isdigit isalpha isalnum isspace isupper islower isnumeric
isidentifier encode decode zfill ljust rjust center most_common elements mean sum min max std var argmax argmin tolist
astype reshape flatten dot all any translate expandtabs removeprefix removesuffix bit_length is_integer total_seconds
isoformat fromisoformat strftime strptime toordinal weekday isoweekday timestamp date time group groups match search
fullmatch findall
"""
_BUILTINS, _PURE, _METHODS = (frozenset(each.split()) for each in (_NAMES, _SAME_AGAIN, _OF_VALUES))
_MODULES = frozenset({"math", "np", "numpy", "statistics", "itertools", "operator", "cmath", "copy", "json", "string"})
_SILENT = frozenset({"logger", "logging", "log", "console"})
_CHANGING = frozenset({"shuffle", "put", "place", "copyto", "fill", "fill_diagonal", "load", "dump", "save"})
_KEEPING = frozenset({"append", "add", "insert", "extend", "put", "appendleft", "update", "setdefault", "push"})


def leaves_alone(costs: Costs, node: cst.Call, scope: Scope) -> bool:
    """Whether a call surely leaves its receiver and its arguments as they are, and keeps none of them."""
    match node.func:
        case cst.Name(value=name):
            return name in _BUILTINS and _not_defined(costs, name, scope)
        case cst.Attribute(value=value, attr=cst.Name(value=name)):
            module = dotted(value)
            if module in _MODULES or (module is not None and module.startswith(("np.", "numpy.", "os.path"))):
                return name not in _CHANGING
            return name in _METHODS or (module is not None and module.rpartition(".")[2] in _SILENT)
        case _:
            return False


def repeatable(costs: Costs, node: cst.Call, scope: Scope) -> bool:
    """Whether a call surely gives the same again for the same arguments, and does nothing besides."""
    match node.func:
        case cst.Name(value=name):
            return name in _PURE and _not_defined(costs, name, scope)
        case cst.Attribute(value=value, attr=cst.Name(value=name)):
            if (dotted(value) or "") in _MODULES:
                return name not in _CHANGING | {"cycle", "count", "empty"}
            return name in _METHODS
        case _:
            return False


def keeps(node: cst.Call) -> bool:
    """Whether a call puts its arguments into a container, where they stay as they are."""
    return isinstance(node.func, cst.Attribute) and node.func.attr.value in _KEEPING


def _not_defined(costs: Costs, name: str, scope: Scope) -> bool:
    """Whether a name means the builtin, or what an import brings under it."""
    found = visible(costs.facts, name, scope)
    return found is None or all(each.kind is BindingKind.IMPORT for each in found[1])
