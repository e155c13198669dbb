"""Whether arguments fit parameters is what Python itself says of them."""

from __future__ import annotations

import libcst as cst
from hypothesis import given
from hypothesis import strategies as st

from verifier.symbols.model import Parameter
from verifier.symbols.signatures import RefusalKind, Shape, refused, shape_of

_NAMES = "abcdefg"


@st.composite
def signatures(draw: st.DrawFn) -> tuple[Parameter, ...]:
    """Parameters in the order that Python demands, required ones before those with a default."""
    names = iter(_NAMES)
    counts = [draw(st.integers(0, 2)), draw(st.integers(0, 2))]
    places = [kind for kind, count in zip(("/", ""), counts, strict=True) for _ in range(count)]
    first_default = draw(st.integers(0, len(places)))
    found = [Parameter(next(names), kind, number < first_default) for number, kind in enumerate(places)]
    if draw(st.booleans()):
        found.append(Parameter("args", "*"))
    found += [Parameter(next(names), "k", draw(st.booleans())) for _ in range(draw(st.integers(0, 2)))]
    if draw(st.booleans()):
        found.append(Parameter("kwargs", "**"))
    return tuple(found)


def _text(parameters: tuple[Parameter, ...]) -> str:
    """The parameters as a `def` has them."""
    found: list[str] = []
    for number, each in enumerate(parameters):
        before = parameters[number - 1].kind if number else ""
        if before == "/" and each.kind != "/":
            found.append("/")
        if each.kind == "k" and before not in {"*", "k"}:
            found.append("*")
        stars = each.kind if "*" in each.kind else ""
        found.append(f"{stars}{each.name}" + ("" if each.required or stars else "=None"))
    if parameters and parameters[-1].kind == "/":
        found.append("/")
    return ", ".join(found)


@given(signatures(), st.integers(0, 5), st.lists(st.sampled_from(_NAMES), unique=True, max_size=4))
def test_refused_is_what_python_refuses(
    parameters: tuple[Parameter, ...], positional: int, keywords: list[str]
) -> None:
    function = eval(f"lambda {_text(parameters)}: None")  # verify: ignore[B307] the text is made here
    try:
        function(*range(positional), **dict.fromkeys(keywords))
    except TypeError:
        works = False
    else:
        works = True
    assert (refused(parameters, Shape(positional, tuple(keywords)), bound=False) == ()) is works


@given(signatures(), st.integers(0, 5), st.lists(st.sampled_from(_NAMES), unique=True, max_size=4))
def test_stars_only_forgive(parameters: tuple[Parameter, ...], positional: int, keywords: list[str]) -> None:
    plain = set(refused(parameters, Shape(positional, tuple(keywords)), bound=False))
    starred = set(refused(parameters, Shape(positional, tuple(keywords), star=True, stars=True), bound=False))
    assert starred <= plain
    assert not any(each.kind is RefusalKind.MISSING for each in starred)


def test_a_bound_method_has_its_first_argument() -> None:
    parameters = (Parameter("self", "", required=True), Parameter("x", "", required=True))
    assert refused(parameters, Shape(1, ()), bound=True) == ()
    assert [each.name for each in refused(parameters, Shape(1, ()), bound=False)] == ["x"]


def test_a_keyword_of_the_same_name_fills_no_positional_only_parameter() -> None:
    parameters = (Parameter("a", "/", required=True), Parameter("kwargs", "**"))
    assert [each.kind for each in refused(parameters, Shape(0, ("a",)), bound=False)] == [RefusalKind.MISSING]


def test_shape_of_a_call() -> None:
    call = cst.parse_expression("f(1, *more, key=2, **rest)")
    assert isinstance(call, cst.Call)
    assert shape_of(call) == Shape(1, ("key",), star=True, stars=True)
