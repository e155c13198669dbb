"""The tables of deprecated and removed APIs and of result types: whole, ordered, and free of contradictions."""

from __future__ import annotations

import builtins
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

import pytest
from packaging.utils import canonicalize_name
from packaging.version import Version

from verifier import catalogue, deprecations
from verifier.deprecations import Api
from verifier.proving.consistency import problems

TABLES = dict(catalogue.tables("deprecated"))
KINDS = {"module", "function", "class", "method", "attribute", "parameter", "value"}
TEXTS = {"api", "kind", "deprecated", "removed", "reintroduced", "replacement", "note", "reference", "without"}
TEXTS |= {"fix", "rewrite", "rewrite-dict", "unproved"}
WHOLE = {"before", "after"}
FLAGS = {"telling", "multiple"}
LISTS = {"beside", "proof"}
KEYS = TEXTS | WHOLE | FLAGS | LISTS
SHAPES = {
    "parameter": re.compile(r"[A-Za-z_][\w.]*\([A-Za-z_]\w*\)"),
    "value": re.compile(r"[A-Za-z_][\w.]*\([A-Za-z_]\w*=(?:'[^']*'|[\w.]+)\)"),
}
PLAIN = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
ENOUGH_ROWS = 2000
ENOUGH_TABLES = 70
ENOUGH_FIXES = 400
ENOUGH_RESULTS = 150


def rows() -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each row with the name of its table."""
    for name, data in TABLES.items():
        for row in data["api"]:
            yield name, row


def found(path: str, parameter: str | None = None, value: str | None = None) -> Api:
    """The one row of that path and parameter."""
    (row,) = (each for each in deprecations.load()[path] if (each.parameter, each.value) == (parameter, value))
    return row


def test_there_are_enough_rows() -> None:
    assert sum(1 for _ in rows()) >= ENOUGH_ROWS
    assert len(TABLES) >= ENOUGH_TABLES
    assert sum("fix" in row for _, row in rows()) >= ENOUGH_FIXES


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_called_as_its_distribution(name: str) -> None:
    data = TABLES[name]
    assert set(data) <= {"distribution", "module", "aliases", "through", "loads", "api"}
    assert data["distribution"] == name == canonicalize_name(name)
    assert data["api"], "a table without rows says nothing"


@pytest.mark.parametrize("name", TABLES)
def test_rows_are_whole(name: str) -> None:
    for row in TABLES[name]["api"]:
        assert set(row) <= KEYS, row
        assert all(isinstance(row[key], str) and row[key] == row[key].strip() for key in TEXTS & set(row)), row
        assert all(row[key] for key in row), row
        assert {"api", "kind"} <= set(row), row
        assert {"reference", "proof"} & set(row), row
        assert {"fix", "rewrite", "before", "after"} <= set(row) or not {"fix", "rewrite", "before", "after"} & set(row)
        assert row.get("fix", "safe") in {"safe", "unsafe"}, row
        assert {"deprecated", "removed"} & set(row), row
        assert row["kind"] in KINDS, row
        shape = SHAPES.get(row["kind"], PLAIN)
        assert shape.fullmatch(row["api"]), row


@pytest.mark.parametrize("name", TABLES)
def test_what_a_run_reads_is_the_table_without_examples_and_proofs(name: str) -> None:
    aside = {"before", "after", "proof", "unproved"}
    api = [{key: value for key, value in row.items() if key not in aside} for row in TABLES[name]["api"]]
    assert catalogue.bare_table(f"deprecated/{name}") == {**TABLES[name], "api": api}


@pytest.mark.parametrize("name", TABLES)
def test_proofs_fit_their_rows(name: str) -> None:
    """The releases are read by `verify rules check`; here only what it wrote is held against the row."""
    assert not [(row["api"], each) for row in TABLES[name]["api"] for each in problems(row)]


@pytest.mark.parametrize("name", TABLES)
def test_versions_are_ordered(name: str) -> None:
    for row in TABLES[name]["api"]:
        steps = [Version(row[key]) for key in ("deprecated", "removed", "reintroduced") if key in row]
        assert all(earlier < later for earlier, later in pairwise(steps)), row
        assert "reintroduced" not in row or "removed" in row, row


@pytest.mark.parametrize("name", TABLES)
def test_an_api_lies_in_the_module_or_an_alias_of_the_table(name: str) -> None:
    data = TABLES[name]
    tops = (data["module"], *data.get("aliases", ()))
    for row in data["api"]:
        path = row["api"].partition("(")[0]
        assert any(path == top or path.startswith(f"{top}.") for top in tops), row
    unused = [top for top in tops if not any(row["api"].startswith(top) for row in data["api"])]
    assert not unused


def test_no_row_is_written_twice() -> None:
    counted = Counter(row["api"] for _, row in rows())
    assert not [api for api, count in counted.items() if count > 1]


@pytest.mark.parametrize("name", TABLES)
def test_references_and_replacements(name: str) -> None:
    for row in TABLES[name]["api"]:
        address = urlsplit(row.get("reference", "https://example.org"))
        assert address.scheme == "https", row
        assert "." in address.netloc, row
        replacement = row.get("replacement", "`x`")
        assert replacement.count("`") % 2 == 0, row
        assert not replacement.endswith("."), "the message goes on after it"
        assert row["api"] not in replacement.split("`"), "an API does not replace itself"


def test_no_reference_is_an_index_of_packages() -> None:
    hosts = {urlsplit(row["reference"]).netloc for _, row in rows() if "reference" in row}
    assert not [host for host in hosts if re.search(r"\bpy(?:pi|thonhosted)\b", host)]


@pytest.mark.parametrize(
    ("path", "version", "state"),
    [
        ("numpy.float", "1.19.5", None),
        ("numpy.float", "1.23.5", "deprecated"),
        ("numpy.float", "1.24.0", "removed"),
        ("numpy.float", "2.3.1", "removed"),
        ("numpy.bool", "1.26.4", "removed"),
        ("numpy.bool", "2.0.0", None),
        ("pandas.DataFrame.append", "1.3.5", None),
        ("pandas.DataFrame.append", "1.5.3", "deprecated"),
        ("pandas.DataFrame.append", "2.0.0", "removed"),
        ("sklearn.datasets.load_boston", "1.1.3", "deprecated"),
        ("sklearn.datasets.load_boston", "1.2.0", "removed"),
        ("openai.ChatCompletion.create", "0.28.1", None),
        ("openai.ChatCompletion.create", "1.0.0", "removed"),
        ("datetime.datetime.utcnow", "3.11", None),
        ("datetime.datetime.utcnow", "3.14", "deprecated"),
        ("collections.Mapping", "3.9", "deprecated"),
        ("collections.Mapping", "3.10", "removed"),
        ("types.NoneType", "3.9", "removed"),
        ("types.NoneType", "3.10", None),
    ],
)
def test_what_the_release_notes_say(path: str, version: str, state: str | None) -> None:
    assert found(path).state(version) == state


def test_parameters_and_values_are_read_apart() -> None:
    assert found("sklearn.preprocessing.OneHotEncoder", "sparse").state("1.4.0") == "removed"
    assert found("pandas.date_range", "freq", "M").state("2.2.0") == "deprecated"
    assert found("pandas.date_range", "closed").state("2.2.0") == "removed"
    assert found("pandas.core.groupby.DataFrameGroupBy.apply", "include_groups", "True").state("3.0.0") == "removed"


RESULTS = catalogue.table("semantics/returns")["returns"]


def test_there_are_enough_result_types() -> None:
    assert len(RESULTS) >= ENOUGH_RESULTS


@pytest.mark.parametrize("path", RESULTS)
def test_a_result_type_is_a_dotted_path(path: str) -> None:
    assert PLAIN.fullmatch(path)
    assert PLAIN.fullmatch(RESULTS[path])
    assert "." in path
    assert "." in RESULTS[path], "a type is named with its module"


@pytest.mark.parametrize("path", [path for path in RESULTS if path.startswith("builtins.")])
def test_results_of_builtins_exist(path: str) -> None:
    """The call is one that builtins have: a misspelled row would never match."""
    subject: Any = builtins
    for part in path.split(".")[1:]:
        assert hasattr(subject, part), path
        subject = getattr(subject, part)
    assert callable(subject)
