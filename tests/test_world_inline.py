"""A script's own metadata block (PEP 723): what it declares, and what is wrong with it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.world.declared import inline

SCRIPT = (
    '# /// script\n# requires-python = ">=3.11"\n# dependencies = [\n#   "Requests<3",\n#\n#   "rich",\n# ]\n# ///\n'
)


@pytest.mark.parametrize("text", [SCRIPT, f"#!/usr/bin/env python\n{SCRIPT}\nimport requests\n", SCRIPT.rstrip("\n")])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_inline_metadata(text: str, end: str) -> None:
    requirements, python, errors = inline(text.replace("\n", end))
    assert [(requirement.name, requirement.specifier) for requirement in requirements] == [
        ("requests", "<3"),
        ("rich", ""),
    ]
    assert (python, errors) == (">=3.11", ())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "import x\n",
        "# /// script\n# dependencies = ['a']\n",
        "# /// other\n# dependencies = ['a']\n# ///\n",
        "#/// script\n# ///\n",
    ],
)
def test_text_without_inline_metadata_declares_nothing(text: str) -> None:
    assert inline(text) == ((), None, ())


@pytest.mark.parametrize(
    "text",
    [
        SCRIPT + "\n" + SCRIPT,
        "# /// script\n# dependencies = [\n# ///\n",
        "# /// script\n# dependencies = 'a'\n# ///\n",
        "# /// script\n# dependencies = ['not a requirement']\n# ///\n",
        "# /// script\n# requires-python = 3\n# ///\n",
    ],
)
def test_broken_inline_metadata_is_said(text: str) -> None:
    requirements, python, errors = inline(text)
    assert (requirements, python, len(errors)) == ((), None, 1)


@given(st.text())
def test_any_text_may_hold_inline_metadata(text: str) -> None:
    inline(f"# /// script\n# {text}\n# ///\n")
    inline(text)
