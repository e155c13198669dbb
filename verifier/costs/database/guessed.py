"""Relations of Django models that are declared elsewhere, by what is done with the attributes of their rows."""

from __future__ import annotations

import re

import libcst as cst

from verifier.costs.database.relations import Relation
from verifier.costs.model import Costs
from verifier.semantics.model import BindingKind, Scope
from verifier.semantics.names import reaching

_ALONE = frozenset({"all", "count", "exists", "first", "last"})
"""Methods that only managers and querysets have without arguments."""
_ASKING = frozenset(
    {"filter", "exclude", "order_by", "values_list", "aggregate", "annotate", "select_related", "prefetch_related"}
)
_VALUES = (str, bytes, int, float, list, dict, set)
_OF_VALUES = """
year month day hour minute second microsecond date time tzinfo isoformat strftime timetuple utctimetuple weekday
isoweekday isocalendar timestamp total_seconds days seconds microseconds replace astimezone utcoffset
quantize normalize is_zero as_tuple copy_abs sqrt hex urn bytes fields version
url path size file width height open close save read write delete storage chunks
value label choices code currency amount alpha3 flag decimal start end lower upper bounds
x y z coords geojson wkt srid centroid extent area length distance compressed exploded
as_e164 as_international as_national country_code national_number html raw rendered stream_data
"""
_PLAIN = frozenset({*_OF_VALUES.split(), *(name for each in _VALUES for name in dir(each))})
"""Attributes of the values of plain fields: texts, numbers, dates, files, points, amounts of money, telephones."""
_FILES = re.compile(r"file|image|photo|picture|avatar|logo|thumb|attach|upload|document|media|icon|cover|video|audio")
_VALUE = re.compile(
    r"status|state|kind|type|level|meta|data|json|config|setting|option|extra|info|payload|params|fsm|enum"
)


def imported_model(costs: Costs, name: str, scope: Scope, order: int) -> bool:
    """Whether a name is imported from a module of models."""
    bindings = reaching(costs.facts, name, scope, order) or ()
    return bool(bindings) and all(
        each.kind is BindingKind.IMPORT and "models" in (each.path or "").split(".") for each in bindings
    )


def guessed(attribute: str, next_: str, call: cst.Call | None) -> Relation | None:
    """The relation that an attribute of a row must be, by what is read of it next."""
    if attribute.startswith("_") or attribute.isupper() or attribute == "objects":
        return None
    if call is not None and next_ in _ALONE:
        return Relation(attribute, "?", many=True, manager=True) if not call.args else None
    if call is not None and next_ in _ASKING:
        return Relation(attribute, "?", many=True, manager=True)
    if next_.startswith("_") or next_ in _PLAIN or next_ in _ASKING | _ALONE:
        return None
    if _FILES.search(attribute) or _VALUE.search(attribute):
        return None
    return Relation(attribute, "?", many=False)
