"""A package, as text, that says of its parameters and their values in every known way that they are deprecated."""

from __future__ import annotations

AGEDLIB = {
    "agedlib/__init__.py": '''
import sys
import warnings
from functools import partial
from textwrap import dedent
from . import _api
from ._api import (
    deprecate_kwarg, rename_parameter, delete_parameter, make_keyword_only, _deprecate_positional_args,
    deprecate_nonkeyword_arguments, deprecated_params, deprecated_args, deprecated_arg_values, _rename_parameter,
    deprecate_dims, helper,
)

no_default = object()
_NAMES = {"a": 1}

def given(x, old=None):
    if old is not None:
        warnings.warn("the old parameter is deprecated, use `x`", DeprecationWarning)
    return x
def sentinel(x, inplace=no_default):
    if inplace is not no_default:
        warnings.warn("inplace is deprecated and will be removed", FutureWarning)
def unlike(x, method="auto"):
    if method != "auto":
        warnings.warn("method is deprecated since version 1.3", FutureWarning)
def value(x, method="auto"):
    if method == "auto":
        pass
    if method == "lwls":
        warnings.warn("lwls is deprecated", DeprecationWarning)
    elif method in ("one", "two"):
        warnings.warn("one and two are deprecated", DeprecationWarning)
def flag(x, future=True):
    if not future:
        warnings.warn("the old way is deprecated", DeprecationWarning)
def truthy(x, verbose=False):
    if verbose:
        warnings.warn("verbose is deprecated", DeprecationWarning)
def popped(x, **kwargs):
    bw = kwargs.pop("bw", None)
    if bw is not None:
        msg = dedent(f"""
        The `bw` parameter is deprecated; use `width`={bw}.
        """)
        warnings.warn(msg, UserWarning)
    if kwargs.pop("kernel", None) is not None:
        warnings.warn("kernel is deprecated", FutureWarning)
    if "shade" in kwargs:
        warnings.warn("shade is deprecated", FutureWarning)
    if (seen := kwargs.get("seen")) is not None:
        warnings.warn("seen is deprecated", FutureWarning)
def paired(x, hue=None, palette=None):
    if palette is not None and hue is None:
        warnings.warn("palette without hue is deprecated", FutureWarning)
def either(one="deprecated", two="deprecated"):
    if one != "deprecated" or two != "deprecated":
        warnings.warn("one and two are deprecated", FutureWarning)
def only_default(x, y="deprecated"):
    return x
def asked(x, inplace=no_default, ci=None):
    inplace = helper.check_deprecated(inplace, "asked")
    _deprecate_ci(x, ci=ci)
def _deprecate_ci(x, ci):
    if ci is not None:
        warnings.warn("ci is deprecated", FutureWarning)
class Frame:
    def sort(self, by, inplace=no_default):
        inplace = self._check_inplace_deprecation(inplace)
    def _check_inplace_deprecation(self, inplace):
        if inplace is not no_default:
            warnings.warn("inplace is deprecated and will be removed", FutureWarning)
        return inplace
    @staticmethod
    def build(x, old=None):
        if old is not None:
            warnings.warn("old is deprecated", FutureWarning)
class Model:
    """A model.

    Parameters
    ----------
    alpha : float
        What counts.
    loud : bool
        Talks.

        .. deprecated:: 1.4
            `loud` will be removed.
    kind : str
        .. deprecated:: 1.4
            The kind 'b' is deprecated.
    """
    def __init__(self, alpha=1, penalty="deprecated", jobs=None, loud=False, kind="a"):
        self.alpha = alpha
        self.penalty = penalty
        self.jobs = jobs
        self.loud = loud
        self.kind = kind
    def fit(self, x):
        if self.penalty == "deprecated":
            penalty = "l2"
        else:
            warnings.warn("penalty was deprecated in 1.4", FutureWarning)
        if self.jobs is not None:
            warnings.warn("jobs has no effect since 1.4", FutureWarning)
        if self.alpha != 1:
            warnings.warn("this will change", FutureWarning)
class Made:
    def __init__(self, x, old=None):
        if old is not None:
            warnings.warn("old is deprecated", FutureWarning)
class Derived(Made):
    pass

@deprecate_kwarg(old_arg_name="cols", new_arg_name="columns")
def kwarg(columns=None): ...
@deprecate_kwarg("cols", "columns")
def kwarg_by_place(columns=None): ...
@rename_parameter("1.2", "bad", "good")
def renamed(good=None): ...
@delete_parameter("1.2", "unused")
def deleted(x, unused=None): ...
@make_keyword_only("1.2", "y")
def named_from(x, y=1, z=2): ...
@_deprecate_positional_args(version="1.9")
def named_only(x, *, y=1): ...
@deprecate_nonkeyword_arguments(version="3.0", allowed_args=["x"])
def named_but(x, y=1): ...
@deprecated_params(order=("1.1", "order is for one database, use `other`"))
def by_keyword(order=None): ...
@deprecated_args("2020-01-01", "use other", "one", "two")
def several(one=1, two=2, three=3): ...
@deprecated_arg_values("2020-01-01", "use True", keep=False)
def value_of(keep=True): ...
@_rename_parameter(["a_min"], ["min"], dep_version="1.4")
def from_list(min=None): ...
@_rename_parameter("mode", "method")
def silently(method=None): ...
@deprecate_dims
def dims(dim=None): ...
@deprecate_kwarg("old", version="9.0", new_name="new")
def until_later(new=None): ...
@deprecate_kwarg("old", version="1.0", new_name="new")
def until_before(new=None, **kwargs): ...

def rebound(x, old=None):
    old = old or 1
    if old is not None:
        warnings.warn("old is deprecated", DeprecationWarning)
def both(x, old=None):
    if old is not None and x > 1:
        warnings.warn("old is deprecated", DeprecationWarning)
def returned(x, old=None):
    if not x:
        return
    if old is not None:
        warnings.warn("old is deprecated", DeprecationWarning)
def on_new_python(x, old=None):
    if sys.version_info >= (3, 14):
        if old is not None:
            warnings.warn("old is deprecated", DeprecationWarning)
def rarely(x, old=None):
    if old is not None:
        if x:
            return x
        warnings.warn("old is deprecated", DeprecationWarning)
def other_warning(x, old=None):
    if old is not None:
        warnings.warn("old is slow", RuntimeWarning)
def plainly(x, ax=None):
    if ax is not None:
        warnings.warn("ax is ignored", UserWarning)
def changing(x, method="auto"):
    if method == "auto":
        warnings.warn("the default will change", FutureWarning)
def documented(x, quiet=False):
    """Do it.

    Parameters
    ----------
    x : int
    quiet : bool
        Says nothing.

        .. deprecated:: 1.1
            Will be removed.
    """
def partly_documented(x, quiet=False):
    """Do it.

    .. deprecated:: 1.1
       Passing a list is deprecated.

    Parameters
    ----------
    quiet : bool
        .. deprecated:: 1.1
            The value 'b' is deprecated.
    """
def obsolete(x):
    """Do it.

    .. deprecated:: 1.1
       Use :func:`given` instead.

    Parameters
    ----------
    x : int
    """
''',
    "agedlib/_api.py": "\n".join(
        f"def {name}(*args, **kwargs):\n    return lambda f: f"
        for name in (
            "deprecate_kwarg",
            "rename_parameter",
            "delete_parameter",
            "make_keyword_only",
            "_deprecate_positional_args",
            "deprecate_nonkeyword_arguments",
            "deprecated_params",
            "deprecated_args",
            "deprecated_arg_values",
            "_rename_parameter",
        )
    )
    + """
def deprecate_dims(f):
    return f
from . import helper
""",
    "agedlib/helper.py": """
import warnings
import agedlib

def check_deprecated(inplace, name):
    if inplace is not agedlib.no_default:
        warnings.warn(f"inplace in {name} is deprecated", FutureWarning)
    return inplace
""",
}
