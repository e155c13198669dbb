"""The directive `.. deprecated:: 1.2` in a docstring, of the whole or of one parameter (Sphinx, numpydoc)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from verifier.symbols.ageing.texts import composed
from verifier.symbols.model import Aged

DIRECTIVE = "deprecated::"
_LINE = re.compile(r"^([ \t]*)\.\. ?deprecated::[ \t]*(?:version[ \t]+)?(\d[\w.]*)?[ \t]*(.*)$")
_PARAMETER = re.compile(r"^(\w+)[ \t]*(?::.*)?$")
_UNDERLINE = re.compile(r"^[ \t]*[-=]{3,}[ \t]*$")
_PARTLY = re.compile(
    r"\b(?:passing|giving|using|setting|specifying|calling|when|if|unless|arguments?|parameters?|keywords?|kwargs?"
    r"|options?|defaults?|behaviou?r|support for|values?|positional"
    r"|inputs?|dtype|types?|instances of|attributes?|aliases)\b",
    re.IGNORECASE,
)
"""What a text speaks of that deprecates only a way of calling."""
_VALUES = re.compile(
    r"'[^']*'|\"[^\"]*\"|\b(?:passing|setting|when|if|unless|options|values?|default|positional\w*)\b"
    r"|\bwill be deprecated\b",
    re.IGNORECASE,
)
_WHOLE = re.compile(
    r"(?:this|the) (?:keyword|parameter|argument|option)\b|(?:please )?use\b|will be|deprecated|replaced|renamed"
    r"|no longer|has no effect|is ignored|it\b",
    re.IGNORECASE,
)


def read(doc: str, parameters: Sequence[str]) -> Iterator[Aged]:
    """What a docstring says is deprecated; of the whole only before its first section."""
    lines = doc.expandtabs().split("\n")
    margin = min((len(each) - len(each.lstrip()) for each in lines[1:] if each.strip()), default=0)
    section, parameter = "", ""
    for index, line in enumerate(lines):
        bare = line.strip()
        indent = len(line) - len(line.lstrip())
        if index and _UNDERLINE.match(line) and lines[index - 1].strip():
            section, parameter = lines[index - 1].strip(), ""
        elif section and bare and indent == margin:
            found = _PARAMETER.match(bare)
            parameter = found[1] if found else ""
        match = _LINE.match(line)
        if match is None:
            continue
        message = composed(_text(match[3], lines[index + 1 :], indent), since=(match[2] or "").rstrip("."))
        if not section and (indent == margin or not index) and not _PARTLY.search(message):
            yield Aged("", message, documented=True)
        whose = parameter if section in {"Parameters", "Other Parameters"} and indent <= margin + 4 else ""
        if whose in parameters and _of_all(whose, message):
            yield Aged(whose, message, documented=True)


def _of_all(parameter: str, message: str) -> bool:
    """Whether a text deprecates a parameter, and not only one way of giving it."""
    first = re.sub(r"^since [\w.]+(?:; |$)", "", message).partition(". ")[0]
    if _VALUES.search(first) or re.search(rf"\b{re.escape(parameter)}\s*=", first):
        return False
    return not first or re.search(rf"\b{re.escape(parameter)}\b", first) is not None or _WHOLE.match(first) is not None


def _text(first: str, lines: Sequence[str], indent: int) -> str:
    """The words of a directive: what stands beside it, and what is indented below it."""
    words = [first.strip()]
    for line in lines:
        if line.strip() and len(line) - len(line.lstrip()) <= indent:
            break
        if not line.strip() and any(words):
            break
        words.append(line.strip())
    return " ".join(each for each in words if each)
