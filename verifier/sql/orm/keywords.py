"""Keywords of a model's own constructor that it does not take."""

from __future__ import annotations

from collections.abc import Iterator

from verifier.semantics.model import Facts
from verifier.sql.orm import django_lookups
from verifier.sql.orm.model import Family
from verifier.sql.orm.models import Models, reverse_names
from verifier.sql.orm.query import Invented, Query, plain


def constructed(facts: Facts, models: Models) -> Iterator[Invented]:
    """The keywords of `User(...)` that are neither columns nor anything else of the class."""
    for call in facts.calls:
        if not any(each.keyword for each in call.node.args):
            continue
        model = models.model(call.node.func, call.scope, call.order)
        if model is None or not model.closed or not model.constructor:
            continue
        if model.family is Family.DJANGO:
            query = Query(models, facts, call.scope, call.order, tables=[model])
            for each in call.node.args:
                django_lookups.keyword(query, each)
            yield from query.invented
            continue
        known = model.names | reverse_names(models, model)
        if not model.name[:1].isupper() or "?" in known:
            continue  # a table is not called
        for each in call.node.args:
            if each.keyword is not None and each.keyword.value not in known:
                sure = plain(each.keyword.value, each.value)
                yield Invented(each.keyword, model, each.keyword.value, sure=sure)
