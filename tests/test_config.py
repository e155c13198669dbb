"""Where settings come from, which of them wins, what is refused and how, and the schema against the reader."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from verifier.config import Config, ConfigError, click_options, load, schema
from verifier.model import Rule, Severity
from verifier.options import OPTIONS


def rule(code: str, name: str, family: str, *tags: str) -> Rule:
    return Rule(
        code=code,
        name=name,
        family=family,
        summary="s",
        message="m",
        severity=Severity.ERROR,
        precision="high",
        check=family,
        why="w",
        instead="i",
        bad=(),
        good=(),
        measured="not",
        tags=tags,
    )


RULES = (
    rule("VER101", "unknown-package", "imports", "supply-chain"),
    rule("VER501", "nested-pair-loop", "cost"),
    rule("B307", "dynamic-eval", "security"),
)


def read(folder: Path, toml: str = "", overrides: Mapping[str, object] | None = None, **environ: str) -> Config:
    if toml:
        (folder / "pyproject.toml").write_text(f"[tool.verify]\n{toml}\n", encoding="utf-8")
    return load(folder, overrides or {}, environ, rules=RULES)


def refused(folder: Path, toml: str = "", overrides: Mapping[str, object] | None = None, **environ: str) -> str:
    with pytest.raises(ConfigError) as caught:
        read(folder, toml, overrides, **environ)
    return str(caught.value)


def test_defaults(tmp_path: Path) -> None:
    assert read(tmp_path) == Config(root=tmp_path)
    assert read(tmp_path).fail_on is Severity.WARNING


def test_every_option_is_a_field_and_every_field_an_option() -> None:
    assert {option.field for option in OPTIONS} | {"root"} == {each.name for each in fields(Config)}


@pytest.mark.parametrize(
    ("toml", "field", "value"),
    [
        ('select = ["VER1", "cost"]', "select", ("VER1", "cost")),
        ('ignore = ["unknown-package", "supply-chain"]', "ignore", ("unknown-package", "supply-chain")),
        (
            'per-file-ignores = {"tests/**" = ["B307"], "a, b:c" = []}',
            "per_file_ignores",
            {"tests/**": ("B307",), "a, b:c": ()},
        ),
        ('exclude = ["*_pb2.py", "!keep_pb2.py"]', "exclude", ("*_pb2.py", "!keep_pb2.py")),
        ("force-exclude = true", "force_exclude", True),
        ('index-url = "http://localhost:8080/simple"', "index_url", "http://localhost:8080/simple"),
        ("offline = true", "offline", True),
        ('fail-on = "error"', "fail_on", Severity.ERROR),
        ("strict = true", "strict", True),
        ('format = "json"', "format", "json"),
        ("jobs = 3", "jobs", 3),
    ],
)
def test_a_good_value_from_the_file(tmp_path: Path, toml: str, field: str, value: object) -> None:
    assert getattr(read(tmp_path, toml), field) == value
    assert Draft202012Validator(schema()).is_valid(table(tmp_path))


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        ('select = "VER1"', "select in [tool.verify] of pyproject.toml must be a list of rules"),
        ('select = [""]', "none of them empty, not ['']"),
        ("ignore = [1]", "ignore in [tool.verify] of pyproject.toml must be a list of rules"),
        ('per-file-ignores = ["a"]', "must be patterns, each with a list of rules"),
        ('per-file-ignores = {"a" = "VER1"}', "must be patterns, each with a list of rules"),
        ('per-file-ignores = {"" = ["VER1"]}', "must be patterns, each with a list of rules"),
        ("exclude = true", "must be a list of patterns"),
        ('force-exclude = "yes"', "must be true or false, not 'yes'"),
        ("python = 3.12", "python in [tool.verify] of pyproject.toml must be a path, not 3.12"),
        ('python = " "', "must be a path"),
        ("offline = 1", "must be true or false, not 1"),
        ('fail-on = "eror"', "must be one of error, warning, info, not 'eror'; did you mean 'error'?"),
        ("fail-on = 2", "must be one of error, warning, info, not 2"),
        ("strict = []", "must be true or false"),
        ('format = "jsn"', "did you mean 'json'?"),
        ("jobs = 0", "must be a whole number from 1, not 0"),
        ("jobs = true", "must be a whole number from 1, not True"),
        ("jobs = 1.5", "must be a whole number from 1"),
    ],
)
def test_a_bad_value_from_the_file(tmp_path: Path, toml: str, words: str) -> None:
    assert words in refused(tmp_path, toml)
    assert not Draft202012Validator(schema()).is_valid(table(tmp_path))


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        ('slect = ["VER1"]', "unknown key 'slect' in [tool.verify] of pyproject.toml; did you mean 'select'?"),
        ("per_file_ignores = {}", "did you mean 'per-file-ignores'?"),
        ("zzz = 1", "unknown key 'zzz' in [tool.verify] of pyproject.toml"),
        (
            'select = ["VER999"]',
            "select in [tool.verify] of pyproject.toml: no rule, prefix, family or tag is called 'VER999'",
        ),
        ('ignore = ["unknown-pakage"]', "did you mean 'unknown-package'?"),
        ('per-file-ignores = {"tests/*" = ["dynamic-evil"]}', "'tests/*': no rule"),
        ('exclude = ["!"]', "'!' is no gitignore pattern"),
        ("exit-zero = true", "only the command line (--exit-zero) and VERIFY_EXIT_ZERO may set it"),
        ('output-file = "x"', "only the command line"),
        ("no-cache = true", "only the command line"),
    ],
)
def test_what_else_the_file_may_not_say(tmp_path: Path, toml: str, words: str) -> None:
    assert words in refused(tmp_path, toml)


def test_an_index_url_is_never_repeated(tmp_path: Path) -> None:
    text = refused(tmp_path, 'index-url = "htps://user:secret@example.org/simple"')
    assert "must be an http, https or file URL" in text
    assert "secret" not in text
    assert not Draft202012Validator(schema()).is_valid(table(tmp_path))


def table(folder: Path) -> dict[str, Any]:
    with (folder / "pyproject.toml").open("rb") as file:
        return dict(tomllib.load(file)["tool"]["verify"])


def test_bad_toml_names_the_place(tmp_path: Path) -> None:
    text = refused(tmp_path, "select = [")
    assert "pyproject.toml is not valid TOML" in text
    assert "line" in text or "end of document" in text
    assert "(at line 2, column 8)" in refused(tmp_path, "jobs = = 3")


@pytest.mark.parametrize("content", [b"\xff\xfe", b"a = " + b"[" * 5000, b"[tool]\nverify = 3\n"])
def test_other_broken_files(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "pyproject.toml").write_bytes(content)
    assert "pyproject.toml" in refused(tmp_path)


def test_the_nearest_table_counts(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text("[tool.verify]\njobs = 2\n", encoding="utf-8")
    (tmp_path / "a" / "pyproject.toml").write_text("[project]\nname = 'a'\n", encoding="utf-8")
    assert load(inner, {}, {}).jobs == 2
    assert load(inner, {}, {}).root == tmp_path
    (inner / "pyproject.toml").write_text("[tool.verify]\n", encoding="utf-8")
    assert load(inner, {}, {}) == Config(root=inner)
    assert load(inner / "file.py", {}, {}).root == inner
    assert load(inner / ".." / "b" / "..", {}, {}).root == tmp_path


def test_the_root_without_a_table(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / ".git").mkdir()
    assert load(inner, {}, {}).root == tmp_path
    (tmp_path / "a" / "pyproject.toml").write_text("", encoding="utf-8")
    assert load(inner, {}, {}).root == tmp_path / "a"


def test_a_named_file_replaces_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.verify]\njobs = 2\nstrict = true\n", encoding="utf-8")
    other = tmp_path / "ci" / "strict.toml"
    other.parent.mkdir()
    other.write_text("[tool.verify]\njobs = 5\npython = '.venv'\n", encoding="utf-8")
    for config in (read(tmp_path, overrides={"config": str(other)}), read(tmp_path, VERIFY_CONFIG=str(other))):
        assert (config.jobs, config.strict, config.root) == (5, False, tmp_path)
        assert config.python == str(tmp_path / "ci" / ".venv")
    other.write_text("[project]\n", encoding="utf-8")
    assert "has no [tool.verify] table" in refused(tmp_path, overrides={"config": other})
    assert "cannot be read" in refused(tmp_path, overrides={"config": tmp_path / "none.toml"})


def test_paths_in_the_file_are_relative_to_it(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    read(tmp_path, 'python = ".venv/bin/python"')
    assert load(tmp_path / "sub", {}, {}).python == str(tmp_path / ".venv/bin/python")
    assert load(tmp_path / "sub", {"python": "x/python"}, {}).python == "x/python"


def test_command_line_over_environment_over_file_over_default(tmp_path: Path) -> None:
    toml = 'jobs = 2\nselect = ["VER1"]\nstrict = true'
    assert read(tmp_path, toml).jobs == 2
    assert read(tmp_path, toml, VERIFY_JOBS="3").jobs == 3
    assert read(tmp_path, toml, {"jobs": 4}, VERIFY_JOBS="3").jobs == 4
    assert read(tmp_path, toml, {"jobs": None, "select": ()}, VERIFY_JOBS="").jobs == 2
    assert read(tmp_path, toml, {"select": ()}).select == ("VER1",)
    assert read(tmp_path, toml, {"select": ("VER5", "B3,cost")}).select == ("VER5", "B3", "cost")
    assert read(tmp_path, toml, VERIFY_STRICT="off").strict is False
    assert read(tmp_path, toml, {"strict": True}, VERIFY_STRICT="off").strict is True


@pytest.mark.parametrize(
    ("name", "text", "field", "value"),
    [
        ("VERIFY_SELECT", "VER1, cost", "select", ("VER1", "cost")),
        (
            "VERIFY_PER_FILE_IGNORES",
            "tests/**:VER1,B3,docs:cost",
            "per_file_ignores",
            {"tests/**": ("VER1", "B3"), "docs": ("cost",)},
        ),
        ("VERIFY_EXCLUDE", "a,b", "exclude", ("a", "b")),
        ("VERIFY_OFFLINE", "Yes", "offline", True),
        ("VERIFY_OUTPUT_FILE", "out/report.json", "output_file", Path("out/report.json")),
        ("VERIFY_EXIT_ZERO", "1", "exit_zero", True),
        ("VERIFY_NO_CACHE", "true", "no_cache", True),
        ("VERIFY_FAIL_ON", "info", "fail_on", Severity.INFO),
    ],
)
def test_values_from_the_environment(tmp_path: Path, name: str, text: str, field: str, value: object) -> None:
    assert getattr(read(tmp_path, "", None, **{name: text}), field) == value


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("VERIFY_JOBS", "many", "the environment variable VERIFY_JOBS must be a whole number from 1, not 'many'"),
        ("VERIFY_JOBS", "-1", "whole number from 1"),
        ("VERIFY_OFFLINE", "perhaps", "VERIFY_OFFLINE must be true or false"),
        ("VERIFY_SELECT", "VER1,,", "none of them empty"),
        ("VERIFY_SELECT", "VERX", "no rule"),
        ("VERIFY_PER_FILE_IGNORES", "VER1", "patterns, each with a list of rules"),
    ],
)
def test_bad_values_from_the_environment(tmp_path: Path, name: str, text: str, words: str) -> None:
    assert words in refused(tmp_path, "", None, **{name: text})


def test_variables_of_others_are_theirs(tmp_path: Path) -> None:
    assert read(tmp_path, VERIFY_SSL="0") == Config(root=tmp_path)


def test_bad_overrides(tmp_path: Path) -> None:
    assert "unknown option --job; did you mean 'jobs'?" in refused(tmp_path, overrides={"job": 1})
    assert "the option --select: no rule" in refused(tmp_path, overrides={"select": ["nope"]})
    assert "none of them empty" in refused(tmp_path, overrides={"select": ("",)})


ARGUMENTS = [
    *(
        "--select",
        "VER1,cost",
        "--select",
        "B307",
        "--per-file-ignores",
        "tests/**:VER1,B3",
        "--no-strict",
        "--offline",
    ),
    *("--fail-on", "error", "--jobs", "2", "--no-cache", "--output-file", "out.txt", "--format", "concise"),
]


def test_click_options(tmp_path: Path) -> None:
    given_options: dict[str, object] = {}

    @click.command()
    @click_options()
    def command(**options: object) -> None:
        given_options.update(options)

    result = CliRunner().invoke(command, ARGUMENTS, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    config = read(tmp_path, "strict = true\nforce-exclude = true", given_options)
    assert config == Config(
        root=tmp_path,
        select=("VER1", "cost", "B307"),
        per_file_ignores={"tests/**": ("VER1", "B3")},
        force_exclude=True,
        offline=True,
        fail_on=Severity.ERROR,
        format="concise",
        output_file=Path("out.txt"),
        jobs=2,
        no_cache=True,
    )
    assert CliRunner().invoke(command, ["--jobs", "0"]).exit_code == 2
    listed = CliRunner().invoke(command, ["--help"]).output
    assert all(f"--{option.key}" in listed for option in OPTIONS)


def test_nothing_given_on_the_command_line_changes_nothing(tmp_path: Path) -> None:
    given_options: dict[str, object] = {}

    @click.command()
    @click_options()
    def command(**options: object) -> None:
        given_options.update(options)

    CliRunner().invoke(command, [], catch_exceptions=False)
    assert set(given_options) == {option.field for option in OPTIONS} | {"config"}
    assert read(tmp_path, "", given_options) == Config(root=tmp_path)


def test_reading_settings_imports_neither_click_nor_pathspec() -> None:
    code = "import sys, verifier.config; sys.exit(bool({'click', 'pathspec', 'rich'} & sys.modules.keys()))"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_schema_is_one_and_has_each_option_of_the_file() -> None:
    Draft202012Validator.check_schema(schema())
    assert json.loads(json.dumps(schema())) == schema()
    assert set(schema()["properties"]) == {option.key for option in OPTIONS if option.in_file}
    assert schema()["properties"]["fail-on"]["default"] == "warning"
    assert type(schema()["properties"]["fail-on"]["default"]) is str


SCALARS = st.one_of(
    st.booleans(),
    st.integers(-2, 5),
    st.sampled_from(["", " ", "VER101", "cost", "error", "json", "https://example.org/simple", "ftp://example.org"]),
)
VALUES = st.one_of(
    SCALARS,
    st.lists(SCALARS, max_size=2),
    st.dictionaries(st.sampled_from(["a", " "]), st.lists(SCALARS, max_size=2), max_size=2),
)
KNOWN = {"VER101", "cost"}


def names_only_rules(value: Any) -> bool:
    lists = list(value.values()) if isinstance(value, dict) else [value]
    return all(item in KNOWN for each in lists if isinstance(each, list) for item in each)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(key=st.sampled_from([option.key for option in OPTIONS] + ["other"]), value=VALUES)
def test_the_schema_accepts_what_load_accepts(tmp_path: Path, key: str, value: Any) -> None:
    toml = f"{key} = {as_toml(value)}"
    try:
        read(tmp_path, toml)
    except ConfigError:
        accepted = False
    else:
        accepted = True
    valid = Draft202012Validator(schema()).is_valid({key: value})
    if key in {"select", "ignore", "per-file-ignores"} and valid:
        assert accepted == names_only_rules(value)  # a schema cannot know every prefix
    else:
        assert accepted == valid


def as_toml(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(name)} = {as_toml(each)}" for name, each in value.items()) + "}"
    return json.dumps(value)
