from __future__ import annotations

import re
import sys
from importlib.metadata import packages_distributions

import pytest
from packaging.utils import canonicalize_name

from verifier import catalogue

_DATA = catalogue.table("imports/names")
_NAMES: dict[str, list[str]] = dict(_DATA["names"])
_PYTHON2: dict[str, str] = dict(_DATA["python2"])
_KNOWN: list[str] = list(_DATA["known"]["names"])


def _listed_twice(names: list[str]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1})


def test_the_table_knows_at_least_480_import_names() -> None:
    assert len(_NAMES) >= 480


def test_import_names_are_dotted_identifiers() -> None:
    assert [name for name in _NAMES if not all(part.isidentifier() for part in name.split("."))] == []


def test_no_import_name_belongs_to_the_standard_library() -> None:
    assert [name for name in _NAMES if name.split(".")[0] in sys.stdlib_module_names] == []


def test_every_import_name_has_distributions_and_none_twice() -> None:
    assert [name for name, provide in _NAMES.items() if not provide or _listed_twice(provide)] == []


def test_distribution_names_are_normalised() -> None:
    listed = [*_KNOWN, *(each for provide in _NAMES.values() for each in provide)]
    assert [each for each in listed if canonicalize_name(each) != each] == []


def test_distribution_names_are_valid() -> None:
    listed = {*_KNOWN, *(each for provide in _NAMES.values() for each in provide)}
    assert [each for each in listed if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", each)] == []


def test_a_name_that_is_its_distribution_is_listed_only_where_that_says_something() -> None:
    """Such a row is there because the distribution has another import name too, or others share the namespace."""
    rows: dict[str, int] = {}
    for provide in _NAMES.values():
        for each in provide:
            rows[each] = rows.get(each, 0) + 1
    idle = [
        name
        for name, provide in _NAMES.items()
        if "." not in name
        and provide == [name.replace("_", "-")]
        and rows[provide[0]] == 1
        and not any(other.startswith(f"{name}.") for other in _NAMES)
    ]
    assert idle == []


@pytest.mark.parametrize(
    ("module", "distributions"),
    [
        ("yaml", ["pyyaml"]),
        ("sklearn", ["scikit-learn"]),
        ("google.protobuf", ["protobuf"]),
        ("google.cloud.storage", ["google-cloud-storage"]),
        ("psycopg2", ["psycopg2", "psycopg2-binary"]),
        ("pymupdf", ["pymupdf"]),
        ("fitz", ["pymupdf"]),
    ],
)
def test_names_that_everybody_meets(module: str, distributions: list[str]) -> None:
    assert _NAMES[module] == distributions


def test_python_2_modules_are_gone_and_their_replacements_are_there() -> None:
    here = sys.stdlib_module_names
    assert [old for old in _PYTHON2 if old in here] == []
    assert [old for old, new in _PYTHON2.items() if new.split(".")[0] not in here] == []
    assert _PYTHON2.keys().isdisjoint(_NAMES)


def test_known_distributions_are_sorted_and_none_is_listed_twice() -> None:
    assert len(_KNOWN) >= 600
    assert sorted(_KNOWN) == _KNOWN
    assert _listed_twice(_KNOWN) == []


def test_what_is_installed_here_agrees_with_the_table() -> None:
    """Of the distributions in this environment, those that provide a listed import name are listed under it."""
    found = packages_distributions()
    wrong = {
        name: provide
        for name, provide in _NAMES.items()
        if name in found
        and not {canonicalize_name(each) for each in found[name]} & set(provide)
        # A namespace that several distributions share is listed by its parts.
        and not any(other.startswith(f"{name}.") for other in _NAMES)
    }
    assert wrong == {}
