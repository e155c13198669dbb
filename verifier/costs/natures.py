"""What a name says of a container's size: columns, options and parameters are few whatever the input is."""

from __future__ import annotations

import re

_FEW = frozenset(
    {
        "algorithm",
        "ancestor",
        "arg",
        "args",
        "argument",
        "attr",
        "attribute",
        "axes",
        "axis",
        "backend",
        "base",
        "category",
        "class",
        "classifier",
        "clf",
        "col",
        "cols",
        "column",
        "command",
        "component",
        "config",
        "detector",
        "digit",
        "dim",
        "dimension",
        "dtype",
        "estimator",
        "exclude",
        "excluded",
        "extension",
        "extra",
        "feature",
        "field",
        "flag",
        "fold",
        "format",
        "group",
        "header",
        "include",
        "included",
        "kind",
        "kwarg",
        "label",
        "lang",
        "language",
        "layer",
        "level",
        "locale",
        "method",
        "metric",
        "mod",
        "mode",
        "model",
        "module",
        "opt",
        "option",
        "param",
        "parameter",
        "parent",
        "permission",
        "platform",
        "plugin",
        "prop",
        "property",
        "provider",
        "quantile",
        "regr",
        "regressor",
        "role",
        "schema",
        "scitype",
        "scorer",
        "setting",
        "skip",
        "skipped",
        "stage",
        "status",
        "subcommand",
        "suffix",
        "tag",
        "transform",
        "transformer",
        "type",
        "unit",
        "var",
        "variable",
    }
)
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


_OWN = re.compile(r"__dict__|\b(vars|dir|locals|globals|signature|fields)\(")
"""What belongs to one object or function."""


def few_by_nature(text: str) -> bool:
    """Whether an expression names things of which a program has a few dozen: `df.columns`, `ALLOWED`, `vars(x)`."""
    last = text.rpartition(".")[2]
    if (last.isupper() and len(last) > 1) or _OWN.search(text):
        return True
    return any(_singular(word.lower()) in _FEW for word in _WORD.findall(text))


def _singular(word: str) -> str:
    if word in _FEW:
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "uses")):
        return word[:-2]
    return word.removesuffix("s")
