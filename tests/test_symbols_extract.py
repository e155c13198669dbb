"""What is read out of one module's text, by example, for any program and for the packages of this environment."""

from __future__ import annotations

import ast
import sys
import sysconfig
import textwrap
import time
import tokenize
import warnings
from collections.abc import Iterator
from pathlib import Path

import hypothesmith
import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings

from verifier.symbols.conditions import Target, evaluate
from verifier.symbols.extract import Unparsable, extract
from verifier.symbols.model import Class, Fallback, Forward, Function, Import, Table, Variable


def table(
    text: str,
    *,
    module: str = "pkg.mod",
    stub: bool = False,
    package: bool = False,
    python: tuple[int, int] = (3, 11),
    platform: str = "linux",
) -> Table:
    return extract(
        textwrap.dedent(text), module, "mod.py", stub=stub, package=package, python=python, platform=platform
    )


def function(text: str, name: str = "f", *, stub: bool = False) -> Function:
    found = table(text, stub=stub).names[name][-1]
    assert isinstance(found, Function)
    return found


def cls(text: str, name: str = "C") -> Class:
    found = table(text).names[name][-1]
    assert isinstance(found, Class)
    return found


def method(text: str, name: str = "f") -> Function:
    found = cls(text).members[name][-1]
    assert isinstance(found, Function)
    return found


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("x = 1", "x"),
        ("x: int", "x"),
        ("x: int = 1", "x"),
        ("x = y = 1", "x y"),
        ("a, (b, *c) = d", "a b c"),
        ("[a, b] = d", "a b"),
        ("x += 1", "x"),
        ("x.y = 1", ""),
        ("x[0] = 1", ""),
        ("print(n := 3)", "n"),
        ("[last := i for i in y]", "last"),
        ("if (n := f()): pass", "n"),
        ("while (n := f()): pass", "n"),
        ("assert (n := f())", "n"),
        ("x = (n := 3)", "x n"),
        ("@deco(n := 3)\ndef f(): pass", "f n"),
        ("def f(a=(n := 3)): pass", "f n"),
        ("class C(n := B): pass", "C n"),
        ("for a, b in c:\n    d = 1\nelse:\n    e = 1", "a b d e"),
        ("while x:\n    d = 1\nelse:\n    e = 1", "d e"),
        ("with a as b, c as (d, e): f = 1", "b d e f"),
        ("try:\n    a = 1\nexcept E as e:\n    b = 1\nelse:\n    c = 1\nfinally:\n    d = 1", "a b c d e"),
        ("import a.b, c as d", "a d"),
        ("from a import b as c, d", "c d"),
        ("from . import a", "a"),
        ("from ........ import a", "a"),
        ("def f(): pass\nasync def g(): pass\nclass C: pass", "C f g"),
        ("def f():\n    global x\n    x = 1", "f x"),
        ("class C:\n    def f(self):\n        global x", "C x"),
        ("def f():\n    def g():\n        global x", "f x"),
        ("match a:\n    case [b, *c] as d: e = 1\n    case {'k': f, **g}: pass", "b c d e f g"),
        ("match a:\n    case C(h, i=j): pass\n    case _: k = 1", "h j k"),
        ("type X = int", "X"),
        ("type X[T] = list[T]", "X"),
        ("def f[T](x: T) -> T: ...\nclass C[T, *U]: ...", "C f"),
        ("x = 1\ndel x", ""),
        ("x = y = 1\ndel (x, y)", ""),
        ("x = 1\nif a: del x", "x"),
        ("x = [i for i in y]", "x"),
        ("x = lambda a: a", "x"),
        ("def f():\n    x = 1", "f"),
        ("if __name__ == '__main__':\n    x = 1", ""),
        ("if __name__ != 'x':\n    x = 1", "x"),
        ("from a import *", ""),
        ("x = f'{a!r:>{b}}'", "x"),
        ("try: pass\nexcept A, B: x = 1", "x"),
        ("try: pass\nexcept* A: x = 1", "x"),
        ("x = f'{a['b']}'\ny = f'''{\na}'''", "x y"),
        ("\ufeffx = 1", "x"),
        ("x = 1\r\ny = 2\rz = 3\n", "x y z"),
    ],
)  # fmt: skip
def test_every_form_that_binds_a_name(text: str, names: str) -> None:
    assert set(table(text).names) == set(names.split())


@pytest.mark.parametrize("text", ["x = (", "print 1", "x = 1\0", "(" * 5_000 + ")" * 5_000, "def f[T(x): pass"])
def test_what_cannot_be_parsed_is_said(text: str) -> None:
    with pytest.raises(Unparsable):
        table(text)


def test_lines_stay_true_when_newer_syntax_is_replaced() -> None:
    found = table("def f[\n    T\n](x: T): ...\nx = f'''\n{a['b']}\n''' + y\nclass C[T, U]: ...\nz = 1\n").names
    assert [each[0].line for each in found.values()] == [1, 4, 7, 8]
    assert isinstance(found["C"][0], Class)
    assert found["C"][0].parameters == ("T", "U")


@pytest.mark.parametrize(
    ("test", "runtime", "checker"),
    [
        ("sys.version_info >= (3, 11)", True, True),
        ("sys.version_info > (3, 11)", True, True),
        ("sys.version_info >= (3, 12)", False, False),
        ("sys.version_info[:2] == (3, 11)", True, True),
        ("sys.version_info == (3, 11)", False, False),
        ("sys.version_info[0] < 3", False, False),
        ("sys.version_info[1] >= 9", True, True),
        ("sys.version_info.major == 2", False, False),
        ("version_info.minor >= 11", True, True),
        ("_sys.version_info >= (3,)", True, True),
        ("sys.version_info >= (3, 11, 4)", None, None),
        ("sys.version_info >= (3, 10, 4)", True, True),
        ("sys.hexversion >= 0x030A0000", True, True),
        ("(3, 8) <= sys.version_info", True, True),
        ("sys.platform == 'linux'", True, True),
        ("sys.platform in ('win32', 'cygwin')", False, False),
        ("sys.platform != 'win32'", True, True),
        ("sys.platform.startswith('win')", False, False),
        ("sys.platform.startswith(('linux', 'x'))", True, True),
        ("platform == 'linux'", None, None),
        ("os.name == 'nt'", False, False),
        ("TYPE_CHECKING", False, True),
        ("typing.TYPE_CHECKING", False, True),
        ("not t.TYPE_CHECKING", True, False),
        ("TYPE_CHECKING or x", None, True),
        ("TYPE_CHECKING and x", False, None),
        ("x or sys.platform == 'linux'", True, True),
        ("x and sys.platform == 'linux'", None, None),
        ("not x", None, None),
        ("PY2", False, False),
        ("six.PY3", True, True),
        ("False", False, False),
        ("0", False, False),
        ("KNOWN", True, True),
        ("x.KNOWN", None, None),
        ("HAS_X", None, None),
        ("1 < sys.version_info < 3", None, None),
    ],
)
def test_conditions(test: str, runtime: bool | None, checker: bool | None) -> None:
    target = Target((3, 11), "linux")
    node = ast.parse(test, mode="eval").body
    known = {"KNOWN": True}
    assert evaluate(node, target, known, checker=False) is runtime
    assert evaluate(node, target, known, checker=True) is checker


def marks(text: str, *, stub: bool = False) -> dict[str, list[str]]:
    """Each name's definitions as `line`, followed by `?` under a condition and `t` for type checkers only."""
    return {
        name: [f"{each.line}{'?' * each.conditional}{'t' * each.typing_only}" for each in known]
        for name, known in table(text, stub=stub).names.items()
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = 1\nx = 2", {"x": ["2"]}),
        ("x = 1\nif a: x = 2", {"x": ["1", "2?"]}),
        ("if a: x = 1\nelse: x = 2", {"x": ["1?", "2?"]}),
        ("if a: x = 1\nx = 2", {"x": ["2"]}),
        ("if sys.version_info >= (3, 8): x = 1\nelse: x = 2", {"x": ["1"]}),
        ("if sys.version_info < (3, 8): x = 1\nelif a: x = 2\nelse: x = 3", {"x": ["2?", "3?"]}),
        ("OLD = sys.version_info < (3, 8)\nif OLD: x = 1\nelse: x = 2", {"OLD": ["1"], "x": ["3"]}),
        ("if TYPE_CHECKING: x = 1\nelse: x = 2", {"x": ["1t", "2"]}),
        ("x = 1\nif TYPE_CHECKING: x = 2", {"x": ["1", "2t"]}),
        ("if not TYPE_CHECKING: x = 1\nelse: x = 2", {"x": ["1", "2t"]}),
        ("if TYPE_CHECKING and a: x = 1", {"x": ["1t"]}),
        ("try: x = 1\nexcept E: x = 2", {"x": ["1?", "2?"]}),
        ("try: pass\nfinally: x = 2", {"x": ["2"]}),
        ("with a: x = 2", {"x": ["1"]}),
        ("with suppress(ImportError): import x", {"x": ["1?"]}),
        ("x = 1\nx += 1", {"x": ["1", "2?"]}),
        ("def f():\n    global x\nx = 1", {"f": ["1"], "x": ["3", "2?"]}),
        ("def f(): pass\ndef f(): pass", {"f": ["2"]}),
        ("@overload\ndef f(a): ...\n@t.overload\ndef f(b): ...\ndef f(c): ...", {"f": ["2", "4", "5"]}),
        ("x = 1\n@overload\ndef x(a): ...\n@overload\ndef x(b): ...", {"x": ["3", "5"]}),
        ("def f(): pass\n@f.register\ndef _(): pass\n@f.register\ndef _(): pass", {"f": ["1"], "_": ["5"]}),
        ("@property\ndef f(): pass\n@f.setter\ndef f(): pass", {"f": ["2"]}),
        ("@B.f.setter\ndef f(): pass", {"f": ["2"]}),
    ],
)  # fmt: skip
def test_which_definition_counts(text: str, expected: dict[str, list[str]]) -> None:
    assert marks(text) == expected


def test_a_stub_is_read_as_type_checkers_do() -> None:
    assert marks("if TYPE_CHECKING: x = 1\nelse: x = 2", stub=True) == {"x": ["1"]}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("__all__ = ['a', 'b']", "a b"),
        ("__all__ = ('a',) + ('b',)", "a b"),
        ("X = ['a']\n__all__ = X + ['b']", "a b"),
        ("X = ['a']\n__all__ = [*X, 'b']", "a b"),
        ("N = 'a'\n__all__ = [N]", "a"),
        ("__all__: list[str] = ['a']", "a"),
        ("__all__ = ['a']\n__all__ += ['b']", "a b"),
        ("__all__ = ['a']\n__all__ = __all__ + ['b']", "a b"),
        ("__all__ = ['a']\n__all__.extend(['b'])\n__all__.append('c')", "a b c"),
        ("__all__ = ['a', 'b']\n__all__.remove('a')", "b"),
        ("__all__ = ['a', 'b']\nif x: __all__.remove('a')", "a b"),
        ("if x: __all__ = ['a']\nelse: __all__ = ['b']", "a b"),
        ("__all__ = ['a']\n__all__ = ['b']", "b"),
        ("__all__ = sorted({'a': 1}) + list(('b',))", "a b"),
        ("__all__ = []", ""),
        ("__all__ = 'a b'.split()", "a b"),
        ("__all__ = ['a']\n__all__.sort()", "a"),
        ("__all__ = [n for n in dir()]", None),
        ("__all__ = ['a'] + other.__all__", None),
        ("__all__ = ['a']\n__all__ += other.__all__", None),
        ("__all__ = ['a']\n__all__.extend(f())", None),
        ("__all__ = ['a', *f()]", None),
        ("__all__ = ['a']\n__all__[0] = 'b'", None),
        ("__all__ = f()\n__all__ = ['b']", "b"),
        ("x = ['a']", None),
    ],
)
def test_exports(text: str, names: str | None) -> None:
    found = table(text).exports
    assert (set(found) if found is not None else None) == (set(names.split()) if names is not None else None)


@pytest.mark.parametrize(
    ("text", "package", "found", "imports"),
    [
        ("import a.b", False, {"a": ("a", None)}, "a a.b"),
        ("import a.b as c", False, {"c": ("a.b", None)}, "a a.b"),
        ("from a import b", False, {"b": ("a", "b")}, "a a.b"),
        ("from . import b", False, {"b": ("pkg", "b")}, "pkg pkg.b"),
        ("from . import b", True, {"b": ("pkg.mod", "b")}, "pkg.mod pkg.mod.b"),
        ("from .x import b", True, {"b": ("pkg.mod.x", "b")}, "pkg.mod.x pkg.mod.x.b"),
        ("from ..x import b", True, {"b": ("pkg.x", "b")}, "pkg.x pkg.x.b"),
        ("def f():\n    import a\nclass C:\n    def g(self):\n        from b import c", False, {}, "a b b.c"),
        ("def f():\n    class D:\n        def g(self):\n            import a", False, {}, "a"),
    ],
)
def test_imports(text: str, package: bool, found: dict[str, tuple[str, str | None]], imports: str) -> None:
    read = table(text, package=package)
    known = {name: each[0] for name, each in read.names.items() if isinstance(each[0], Import)}
    assert {name: (each.module, each.attribute) for name, each in known.items()} == found
    assert set(read.imports) == set(imports.split())


def test_star_imports() -> None:
    assert table("from a import *\nfrom .b import *\nif x:\n    from c import *").stars == ("a", "pkg.b", "c")


ENUMS = "class E(Enum):\n    A = 1\nclass F(Enum):\n    B = 1\nm = sys.modules[__name__]\n"


@pytest.mark.parametrize(
    ("text", "names", "why"),
    [
        ("globals()['x'] = 1", "x", None),
        ("globals()[n] = 1", "", "1"),
        ("for n in ('a', 'b'):\n    globals()[n] = 1", "a b n", None),
        ("for n in names():\n    globals()[n] = 1", "n", "2"),
        ("def f():\n    globals()[n] = 1", "f", "2"),
        ("def f():\n    return globals()[n]", "f", None),
        ("globals().update(a=1)", "a", None),
        ("globals().update({'a': 1})", "a", None),
        ("globals().update({n: 1 for n in ('a', 'b')})", "a b", None),
        ("globals().update(x)", "", "1"),
        ("vars().update(x)", "", "1"),
        ("locals()[n] = 1", "", "1"),
        ("def f():\n    locals()[n] = 1", "f", None),
        ("x = globals().get('a')", "x", None),
        ("g = globals()\ng['a'] = 1", "g a", None),
        ("g = globals()\ng[n] = 1", "g", "2"),
        ("'x' in globals()", "", None),
        ("lazy_import(globals(), 'a')", "", "1"),
        ("def f():\n    fill(globals())", "f", "2"),
        ("eval('1', globals())", "", None),
        ("sys.modules[__name__] = Lazy()", "", "1"),
        ("sys.modules[__name__].__class__ = Lazy", "", "1"),
        ("sys.modules['other'] = x", "", None),
        ("sys.modules[f'{__name__}.sub'] = x", "", None),
        ("x = sys.modules[__name__].__doc__", "x", None),
        ("setattr(sys.modules[__name__], 'a', 1)", "a", None),
        ("setattr(sys.modules[__name__], n, 1)", "", "1"),
        ("m = sys.modules[__name__]\nfor n in ('a', 'b'):\n    setattr(m, n, 1)", "m n a b", None),
        ("m = sys.modules[__name__]\nm.a = 1", "m a", None),
        ("m = sys.modules[__name__]\nfill(m)", "m", "2"),
        ("getattr(sys.modules[__name__], n)", "", None),
        (f"{ENUMS}for i in E:\n    setattr(m, 'X_' + i.name, i)", "E F m i X_A", None),
        (f"{ENUMS}for e in (E, F):\n    for i in e:\n        setattr(m, i.name, i)", "E F m e i A B", None),
        ("class E(Enum):\n    A = 1\nglobals().update(E.__members__)", "E A", None),
        ("@enum.global_enum\nclass E(Enum):\n    A = 1", "E A", None),
        ("exec('x = 1')", "", "1"),
        ("exec(code, {})", "", None),
        ("exec(code, globals())", "", "1"),
        ("exec('del ' + x)", "", None),
        ("def f():\n    exec('x = 1')", "f", None),
        ("log = getLogger(__name__)", "log", None),
        ("IntEnum._convert_('E', __name__, f)", "", "1"),
        ("apipkg.initpkg(__name__, {})", "", "1"),
        ("if __name__ == '__main__':\n    fill(globals())", "", None),
    ],
)  # fmt: skip
def test_names_by_other_means(text: str, names: str, why: str | None) -> None:
    found = table(text)
    assert set(found.names) == set(names.split())
    assert (found.open.split()[1] if found.open else None) == why


ATTACH = "__getattr__, __dir__, __all__ = lazy.attach(__name__, {}, submod_attrs={})"


def test_lazy_loader() -> None:
    found = table(ATTACH.format("['io']", "{'sub.inner': ['g']}"), package=True, module="pkg")
    assert found.fallback == Fallback(closed=True)
    assert set(found.exports or ()) == {"io", "sub", "g"}
    assert found.names["g"] == (Import("g", 1, "pkg.sub.inner", "g"),)
    assert found.names["io"] == (Import("io", 1, "pkg", "io"),)
    assert table(ATTACH.format("names()", "{}")).fallback == Fallback()
    assert table("a, b, c = lazy.attach_stub(__name__, __file__)").fallback == Fallback(closed=True)


def test_lazy_modules_in_the_manner_of_transformers() -> None:
    text = """
    _import_structure = {"models.bert": ["Bert"], "utils": []}
    try:
        import torch
    except ImportError:
        pass
    else:
        _import_structure["trainer"] = ["Trainer"]
        _import_structure["trainer"].append("Other")
    sys.modules[__name__] = _LazyModule(__name__, __file__, _import_structure, module_spec=__spec__)
    """
    found = table(text, package=True, module="pkg")
    assert found.open is None
    assert {"Bert", "models", "utils", "trainer", "Trainer", "Other"} <= set(found.names)
    assert found.names["Bert"] == (Import("Bert", 10, "pkg.models.bert", "Bert"),)
    assert table(text.replace('["Trainer"]', "names()"), package=True).open is not None


HEAD = "T = {'a': 1, 'b': 2}\n__all__ = ['e']\ndef __getattr__(name):\n"


@pytest.mark.parametrize(
    ("body", "names", "gone", "closed"),
    [
        ("raise AttributeError(name)", "", "", True),
        ("if name == 'x':\n    return 1\nraise AttributeError", "x", "", True),
        ("if name in T:\n    warn('old')\n    return f()\nelif name in {'q'}:\n    raise E\nraise E", "a b", "q", True),
        ("if name == 'x' or name == 'y':\n    return 1\nraise E", "x y", "", True),
        ("if name not in T:\n    raise E\nreturn f(name)", "a b", "", True),
        ("if name not in T:\n    return f(name)\nraise E", "", "a b", False),
        ("try:\n    return T[name]\nexcept KeyError:\n    raise E from None", "a b", "", True),
        ("try:\n    m = T[name]\nexcept KeyError:\n    raise E from None\nreturn getattr(m, name)", "a b", "", True),
        ("try:\n    return T[name]\nexcept KeyError:\n    return None", "a b", "", False),
        ("m = T.get(name)\nif m is None:\n    raise E\nreturn m", "a b", "", True),
        ("if (m := T.get(name)) is not None:\n    return m\nraise E", "a b", "", True),
        ("if m := T.get(name):\n    return m\nraise E", "a b", "", True),
        ("if name in globals():\n    return globals()[name]\nraise E", "", "", True),
        ("if name in __all__:\n    return f()\nraise E", "e", "", True),
        ("match name:\n    case 'x' | 'y': return 1\n    case 'z': raise E\n    case _: raise E", "x y", "z", True),
        ("match name:\n    case 'x': return 1\nraise E", "x", "", True),
        ("if name.startswith('_'):\n    raise E\nraise E", "", "", True),
        ("if name == 'x' and f():\n    return 1\nraise E", "x", "", True),
        ("if name in T:\n    pass\nelse:\n    raise E\nreturn 3", "a b", "", True),
        ("if name.startswith('_'):\n    raise E\nreturn f(name)", "", "", False),
        ("if name.startswith('x'):\n    return 1\nraise E", "", "", False),
        ("if name in unknown:\n    return 1\nraise E", "", "", False),
        ("if name in unknown:\n    raise E\nraise E", "", "", True),
        ("for m in M:\n    if hasattr(m, name):\n        return 1\nraise E", "", "", False),
        ("return import_module(f'.{name}', __name__)", "", "", False),
        ("return getattr(m, name)", "", "", False),
        ("if name == 'x':\n    return 1", "x", "", False),
        ("name = name.lower()\nif name == 'x':\n    return 1\nraise E", "x", "", False),
    ],
)
def test_a_modules_getattr(body: str, names: str, gone: str, closed: bool) -> None:
    found = table(HEAD + textwrap.indent(body, "    ")).fallback
    assert found is not None
    assert (set(found.names), set(found.gone), found.closed) == (set(names.split()), set(gone.split()), closed)


def test_other_ways_to_a_getattr() -> None:
    assert table("x = 1").fallback is None
    assert table("__getattr__ = getattr_migration(__name__)").fallback == Fallback()
    assert table("def __getattr__(name: str) -> Any: ...", stub=True).fallback == Fallback()
    text = "@_api.caching_module_getattr\nclass __getattr__:\n    x = property(f)"
    assert table(text).fallback == Fallback(("x",), closed=True)


@pytest.mark.parametrize(
    ("signature", "parameters", "stub"),
    [
        ("a, /, b, *c, d, e=1, **f", "a/ b *c kd ke= **f", False),
        ("a, b=1", "a b=", False),
        ("a=1, /, b=2", "a/= b=", False),
        ("*, a", "ka", False),
        ("self, __a, b", "self/ __a/ b", True),
        ("self, __a, b", "self __a b", False),
        ("__a__", "__a__", True),
    ],
)
def test_parameters(signature: str, parameters: str, stub: bool) -> None:
    found = function(f"def f({signature}): ...", stub=stub).parameters

    def written(name: str, kind: str, required: bool) -> str:
        mark = "" if required or kind in {"*", "**"} else "="
        return f"{name}/{mark}" if kind == "/" else f"{kind}{name}{mark}"

    assert " ".join(written(each.name, each.kind, each.required) for each in found) == parameters


@pytest.mark.parametrize(
    ("annotation", "text"),
    [
        ("int", "int"),
        ("'Frame'", "Frame"),
        ("'list[int] | None'", "list[int] | None"),
        ("list['Frame']", "list[Frame]"),
        ("Literal['a', 'b']", "Literal['a', 'b']"),
        ("Annotated['X', 'doc']", "Annotated[X, 'doc']"),
        ("dict[\n    str,\n    int,\n]", "dict[str, int]"),
        ("'é'", "é"),
    ],
)
def test_annotations(annotation: str, text: str) -> None:
    found = function(f"def f(é, a: {annotation}) -> {annotation}: ...")
    assert (found.parameters[1].annotation, found.returns) == (text, text)


@pytest.mark.parametrize(
    ("body", "result"),
    [
        ("return Frame()", "Frame()"),
        ("return self", "self"),
        ("x = Frame(1)\nreturn x", "Frame(1)"),
        ("x = Frame(a)\nreturn x", "Frame(...)"),
        ("x = Frame()\ny = x.copy()\nreturn y.data", "Frame().copy().data"),
        ("if a:\n    return Frame()\nreturn Frame()", "Frame()"),
        ("return self.data[0]", "self.data[0]"),
        ("return a", "a"),
        ("return 'text'", "'text'"),
        ("a = f(a)\nreturn a", None),
        ("x = 1\nx = 2\nreturn x", None),
        ("for x in y: pass\nreturn x", None),
        ("with open(y) as x:\n    return x", None),
        ("def inner(): pass\nreturn inner", None),
        ("from m import Frame\nreturn Frame()", None),
        ("if a:\n    return 1.5\nreturn Frame()", None),
        ("if a:\n    return\nreturn Frame()", None),
        ("yield 1\nreturn Frame()", None),
        ("pass", None),
        ("return a + 1", None),
        ("def inner():\n    return Frame()", None),
    ],
)
def test_results(body: str, result: str | None) -> None:
    assert method("class C:\n    def f(self, a):\n" + textwrap.indent(body, " " * 8)).result == result


def test_an_annotation_comes_before_the_result() -> None:
    assert function("def f() -> int:\n    return g()").result is None


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("def f(x):\n    'doc'\n    raise RuntimeError('f was removed in 2.0')", "RuntimeError: f was removed in 2.0"),
        ("def f(x):\n    m = 'use g '\n    raise TypeError(m + 'instead')", "TypeError: use g instead"),
        ("def f(x):\n    warnings.warn('a')\n    raise TypeError('no longer there')", "TypeError: no longer there"),
        ("def f(x):\n    raise TypeError(f'removed in {V}')", "TypeError: removed in {…}"),
        ("def f(x):\n    raise NotImplementedError", None),
        ("def f(x):\n    raise NotImplementedError('not yet')", None),
        ("def f(x):\n    raise TypeError(f'{x} was removed')", None),
        ("def f(x):\n    raise x", None),
        ("def f(x):\n    if x:\n        raise TypeError('removed')", None),
        ("def f(x):\n    return 1\n    raise TypeError('removed')", None),
        ("@abstractmethod\ndef f(x):\n    raise TypeError('removed')", None),
        ("def f(x):\n    g()\n    raise TypeError('removed')", None),
    ],
)
def test_functions_that_are_gone(text: str, gone: str | None) -> None:
    assert function(text).gone == gone


def test_gone_is_not_said_of_helpers_stubs_and_methods_to_override() -> None:
    body = "(self):\n    raise NotImplementedError('use g instead')"
    assert function(f"def raise_it{body}", "raise_it").gone is None
    assert function(f"def f{body}", stub=True).gone is None
    assert function(f"def f{body}").gone is not None
    assert method(f"class C:\n    def f{body.replace('    ', '        ')}").gone is None


@pytest.mark.parametrize(
    ("body", "forwards", "reads", "escapes"),
    [
        ("g(a, **kw)", [("g", "")], "", False),
        ("return m.g(x=1, y=2, **kw)", [("m.g", "x y")], "", False),
        ("super().__init__(**kw)", [("super().__init__", "")], "", False),
        ("self.h(**kw)", [("self.h", "")], "", False),
        ("with S() as s:\n    return s.request(**kw)", [("S().request", "")], "", False),
        ("s = S()\nreturn s.request(**kw)", [("S().request", "")], "", False),
        ("a(**kw)", [("a", "")], "", False),
        ("kw.pop('x')\nkw.get('y', 1)\nkw['z']", [], "x y z", False),
        ("kw['x'] = 1\n'y' in kw\nkw.setdefault('z', 1)", [], "x y z", False),
        ("del kw['x']", [], "x", False),
        ("for k in ('x', 'y'):\n    kw.pop(k, None)", [], "x y", False),
        ("kw.update(x=1)\ng(**kw)", [("g", "")], "", False),
        ("if kw:\n    raise TypeError(f'unknown {list(kw)}')", [], "", False),
        ("if not kw or len(kw) > 1:\n    raise TypeError(', '.join(kw))", [], "", False),
        ("def inner():\n    g(**kw)\nreturn inner", [("g", "")], "", False),
        ("return lambda: g(**kw)", [("g", "")], "", False),
        ("pass", [], "", False),
        ("kw.pop(k)", [], "", True),
        ("g(kw)", [], "", True),
        ("return kw", [], "", True),
        ("self.kw = kw", [], "", True),
        ("for k, v in kw.items():\n    g(k)", [], "", True),
        ("for k in kw:\n    g(k)", [], "", True),
        ("x = dict(kw)", [], "", True),
        ("x = {**kw}", [], "", True),
        ("x = dict(**kw)", [], "", True),
        ("kw = clean(kw)\ng(**kw)", [("g", "")], "", True),
        ("x = locals()", [], "", True),
        ("s = S()\ns = T()\ns.g(**kw)", [], "", True),
        ("from m import g\ng(**kw)", [], "", True),
        ("if set(kw) - {'x'}:\n    raise TypeError", [], "", True),
        ("self[a](**kw)", [], "", True),
    ],
)  # fmt: skip
def test_what_becomes_of_keyword_arguments(
    body: str, forwards: list[tuple[str, str]], reads: str, escapes: bool
) -> None:
    found = method("class C:\n    def f(self, a, **kw):\n" + textwrap.indent(body, " " * 8))
    assert found.forwards == tuple(Forward(callee, tuple(keywords.split())) for callee, keywords in forwards)
    assert (set(found.reads), found.escapes) == (set(reads.split()), escapes)


WRAPPER = "def f(g):\n    @functools.wraps(g)\n    def w(*args, **kwargs):\n        {}\n        return {}\n    return w"
PASS = "g(*args, **kwargs)"
METHODS = """
def f(x):
    def deco(g):
        def w(self, *args, **kwargs):
            return g(self, *args, **kwargs)
        return w
    return deco
"""


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("def f(g):\n    return g", "same"),
        ("def f(g):\n    g._x = 1\n    g.__doc__ = ''\n    REGISTRY.append(g)\n    return g", "same"),
        ("def f(x):\n    def deco(g):\n        return g\n    return deco", "same"),
        ("def f(x):\n    return lambda g: g", "same"),
        ("def f(g=None):\n    def d(h):\n        return h\n    if g:\n        return d(g)\n    return d", "same"),
        (WRAPPER.format("log(args)", PASS), "wraps"),
        (WRAPPER.format("pass", "await " + PASS), "wraps"),
        (METHODS, "wraps"),
        ("F = TypeVar('F')\ndef f(g: F) -> F: ...", "same"),
        ("def f[F](g: F) -> F: ...", "same"),
        ("F = TypeVar('F')\ndef f(x: int) -> Callable[[F], F]: ...", "same"),
        ("def f(g: Callable[P, R]) -> Callable[P, S]: ...", "wraps"),
        ("def f(x) -> Callable[[Callable[P, R]], Callable[P, R]]: ...", "wraps"),
        ("def f(g):\n    g.x = 1\n    return g", ""),
        ("def f(g):\n    setattr(g, n, 1)\n    return g", ""),
        ("def f(g):\n    add_methods(g)\n    return g", ""),
        ("def f(g):\n    g = h(g)\n    return g", ""),
        (WRAPPER.format("kwargs.pop('x')", PASS), ""),
        (WRAPPER.format("kwargs['x'] = 1", PASS), ""),
        (WRAPPER.format("args = ()", PASS), ""),
        (WRAPPER.format("other(*args, **kwargs)", PASS), ""),
        (WRAPPER.format("pass", "g(1, *args, **kwargs)"), ""),
        (WRAPPER.format("pass", "g(*args, x=1, **kwargs)"), ""),
        (WRAPPER.format("pass", "g(*args)"), ""),
        (WRAPPER.replace("functools.wraps(g)", "contextmanager").format("pass", PASS), ""),
        ("def f(g: Frame) -> Frame: ...", ""),
        ("def f(g: Callable[P, R]) -> Callable[..., R]: ...", ""),
        ("def f(): pass", ""),
    ],
)  # fmt: skip
def test_decorators(text: str, kind: str) -> None:
    assert function(text).decorates == kind


def test_a_class_holds_what_its_body_and_methods_bind() -> None:
    found = cls(
        """
        @deco(1)
        class C(Base[int], m.Other, metaclass=Meta):
            __slots__ = ("slot", "a")
            x: int
            y = z = 2
            class Inner:
                deep = 1
            if sys.version_info < (3, 0):
                old = 1
            @property
            def p(self): return self._p
            @p.setter
            def p(self, value): self._p = value
            def __init__(self, a: int, b):
                self.a = a
                self.b = b
                self.c, (self.d, *self.e) = Frame(), f()
                self.n: str = ""
                self.declared: list[int]
                self.q += 1
                other.not_mine = 1
                for self.i in y: pass
                with z as self.w: pass
                def later():
                    self.late = 1
            @staticmethod
            def s(self): self.foreign = 1
            @classmethod
            def make(cls): cls.shared = 1
        """
    )
    assert (found.bases, found.keywords, found.decorators) == (
        ("Base[int]", "m.Other"),
        (("metaclass", "Meta"),),
        ("deco(1)",),
    )
    assert set(found.members) == {"__slots__", "x", "y", "z", "Inner", "p", "__init__", "s", "make", "shared"}
    assert set(found.attributes) == {"slot", "_p", *"abcdenqiw", "declared", "late"}
    first = {name: (each[0].annotation, each[0].value) for name, each in found.attributes.items()}
    assert (first["a"], first["b"], first["c"], first["d"]) == (
        ("int", None),
        (None, None),
        (None, "Frame()"),
        (None, None),
    )
    assert (first["n"], first["declared"]) == (("str", '""'), ("list[int]", None))
    assert found.open is None


@pytest.mark.parametrize(
    ("body", "is_open", "names"),
    [
        ("setattr(self, 'x', 1)", False, "x"),
        ("setattr(self, name, 1)", True, ""),
        ("for n in ('x', 'y'):\n    setattr(self, n, 1)", False, "x y"),
        ("setattr(other, name, 1)", False, ""),
        ("object.__setattr__(self, 'x', 1)", False, "x"),
        ("object.__setattr__(self, n, 1)", True, ""),
        ("super().__setattr__(n, 1)", False, ""),
        ("self.__dict__.update(x)", True, ""),
        ("self.__dict__['x'] = 1", False, "x"),
        ("self.__dict__[n] = 1", True, ""),
        ("self.__dict__ = x", True, ""),
        ("vars(self).update(x)", True, ""),
        ("return self.__dict__[n]", False, ""),
        ("return self.__dict__.copy()", False, ""),
        ("self.__class__ = x", True, ""),
        ("def g():\n    setattr(self, name, 1)", True, ""),
    ],
)
def test_when_objects_may_have_more(body: str, is_open: bool, names: str) -> None:
    found = cls("class C:\n    def f(self, name, other):\n" + textwrap.indent(body, " " * 8))
    assert ((found.open is not None), set(found.attributes)) == (is_open, set(names.split()))


@pytest.mark.parametrize(
    ("text", "is_open", "names"),
    [
        ("C.x = 1", False, "x"),
        ("setattr(C, 'x', 1)", False, "x"),
        ("setattr(C, n, 1)", True, ""),
        ("for n in ('x', 'y'):\n    setattr(C, n, 1)", False, "x y"),
        ("for n in names:\n    setattr(C, n, 1)", True, ""),
        ("for c in (C, D):\n    setattr(c, n, 1)", True, ""),
        ("for c in (C, D):\n    c.x = 1", False, "x"),
        ("add_methods(C)", True, ""),
        ("add_methods(to=C)", True, ""),
        ("x = make(C)", True, ""),
        ("@patch(C)\ndef f(): pass", True, ""),
        ("registry.register(C)", False, ""),
        ("x = isinstance(y, C)", False, ""),
        ("T = TypeVar('T', bound=C)", False, ""),
        ("add_methods(C.x)", False, ""),
        ("def f():\n    add_methods(C)", False, ""),
        ("D.x = 1", False, ""),
    ],
)
def test_what_a_module_does_to_its_classes(text: str, is_open: bool, names: str) -> None:
    found = cls(f"class C: pass\n{text}")
    assert ((found.open is not None), set(found.members)) == (is_open, set(names.split()))


def test_methods_that_only_restore_and_constructors() -> None:
    text = """
    class C:
        def __new__(cls):
            made = super().__new__(cls)
            made.a = 1
            return made
        @classmethod
        def make(cls):
            made = cls()
            made.b = 1
            return made
        def __setstate__(self, state):
            self.__dict__.update(state)
            for name in state:
                setattr(self, name, 1)
    """
    found = cls(text)
    assert (found.open, set(found.attributes)) == (None, {"a", "b"})


@pytest.mark.parametrize("text", ["locals()['x'] = 1", "vars().update(y)", "exec('x = 1')"])
def test_a_class_body_with_names_of_its_own_making(text: str) -> None:
    assert cls(f"class C:\n    {text}").open is not None


def test_attributes_stored_elsewhere() -> None:
    text = """
    def f(x):
        x.a = 1
        setattr(x, "b", 1)
        x.y.c += 1
        del x.no
        x.no_either
    class C:
        def g(self):
            self.mine = 1
            self.other.d = 1
    f.e = 1
    """
    assert table(text).stored == ("a", "b", "c", "d", "e")


def test_values_are_kept_while_they_are_short() -> None:
    fields = ", ".join(f"'field{i}'" for i in range(60))
    found = table(f"P = namedtuple('P', [{fields}])\nx = f([{fields}])\ny = Frame()\n")
    kept = {name: each[0].value for name, each in found.names.items() if isinstance(each[0], Variable)}
    assert (kept["P"] or "").startswith("namedtuple(")
    assert (kept["x"], kept["y"]) == ("...", "Frame()")


def bound(tree: ast.Module) -> Iterator[str]:
    """The names that statements of the module itself bind, by the tree alone."""
    stack: list[ast.AST] = list(tree.body)
    while stack:
        node = stack.pop()
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name
                continue
            case ast.Lambda() | ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                continue
            case ast.Name(ctx=ast.Store()):
                yield node.id
            case ast.Import() | ast.ImportFrom():
                yield from ((each.asname or each.name.partition(".")[0]) for each in node.names if each.name != "*")
            case ast.If() if _decided(node.test):
                continue  # whether such a branch runs is asked elsewhere
        stack += ast.iter_child_nodes(node)


def _decided(test: ast.expr) -> bool:
    words = {each.id for each in ast.walk(test) if isinstance(each, ast.Name)} | {
        each.attr for each in ast.walk(test) if isinstance(each, ast.Attribute)
    }
    return (
        isinstance(test, ast.Constant)
        or bool(words & {"sys", "os", "version_info", "hexversion", "__name__", "PY2", "PY3"})
        or (any(each.isupper() or each.startswith(("_", "is")) for each in words))
    )


def deleted(tree: ast.Module) -> set[str]:
    """Names in `del` statements anywhere."""
    return {each.id for each in ast.walk(tree) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Del)}


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(hypothesmith.from_grammar())
@example("\n\\\r\n")
def test_any_program_is_read(text: str) -> None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return
    found = table(text)
    assert set(bound(tree)) - deleted(tree) <= set(found.names)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(found), type=Table) == found


STDLIB = Path(sysconfig.get_path("stdlib"))
PACKAGES = Path(sysconfig.get_path("purelib"))


READ = ("pip", "rich", "pydantic", "typeshed_client/typeshed/os", "typeshed_client/typeshed/asyncio", "attr")
"""Packages that are always installed here: the interpreter's, ours and those of the tests."""


@pytest.mark.parametrize(
    "folder",
    [*(PACKAGES / each for each in READ), STDLIB, STDLIB / "asyncio", STDLIB / "email"],
    ids=lambda folder: folder.name,
)
def test_every_file_of_this_environment_is_read(folder: Path) -> None:
    deep = folder != STDLIB
    for file in sorted(folder.rglob("*.py*") if deep else folder.glob("*.py")):
        if file.suffix not in {".py", ".pyi"}:
            continue
        try:
            with tokenize.open(file) as stream:
                text = stream.read()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse(text)
        except (SyntaxError, UnicodeDecodeError, ValueError):
            continue
        found = extract(
            text,
            "m",
            str(file),
            stub=file.suffix == ".pyi",
            package=False,
            python=sys.version_info[:2],
            platform="linux",
        )
        lost = set(bound(tree)) - deleted(tree) - set(found.names)
        assert not lost, file


def test_a_large_file_takes_no_longer_than_a_few_parses() -> None:
    text = "".join(
        f"class C{i}(Base):\n    def __init__(self, a: int = 1, **kw):\n        super().__init__(**kw)\n"
        f"        self.x{i} = [each for each in a if each]\n    def f(self):\n        return self.x{i}.g(1, 'é')\n"
        for i in range(3_000)
    )
    start = time.process_time()
    ast.parse(text)
    middle = time.process_time()
    table(text)
    assert time.process_time() - middle < 12 * (middle - start) + 0.2
