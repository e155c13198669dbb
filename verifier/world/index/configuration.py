"""Which package indexes the user's and the project's settings name, in which order, with which credentials."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache as remembered
from importlib.util import find_spec
from pathlib import Path

from verifier.distributions import Index, Indexes
from verifier.model import Problem, ProblemKind
from verifier.world.addresses import host, shown
from verifier.world.file_urls import path_of
from verifier.world.index import pip_settings, project_sources, uv_settings
from verifier.world.index.settings import Settings, index

_CERTIFICATES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
_CONSTANT = re.compile(r"""^PYPI_SIMPLE_ENDPOINT(?:: str)? = ["'](https://[^"'\s]+)["']""", re.MULTILINE)


@remembered
def public_index() -> str:
    """Return the address of the default public index, as pypi-simple knows it."""
    # Importing that library loads requests and BeautifulSoup; a run that asks nothing needs neither.
    spec = find_spec("pypi_simple")
    if spec is not None and spec.origin is not None:
        try:
            if match := _CONSTANT.search(Path(spec.origin).read_text(encoding="utf-8")):
                return match[1]
        except (OSError, UnicodeDecodeError):
            pass
    from pypi_simple import PYPI_SIMPLE_ENDPOINT  # noqa: PLC0415  # see above

    return PYPI_SIMPLE_ENDPOINT


def read(
    root: Path,
    environ: Mapping[str, str],
    *,
    index_url: str | None,
    private: Sequence[str] = (),
    offline: bool,
    cache: Path | None,
) -> tuple[Indexes, tuple[Problem, ...]]:
    """Return the indexes to ask, and a Problem for each file that is broken and each folder that is not there.

    `index_url` goes before everything and is then the only one. Else uv's variables and files, options in requirements
    files, pip's variables and files, and the sources of Pipfile, Poetry and PDM are put together: further indexes
    first, as uv has it, then the default one, which is that of the first of these that names one.
    """
    pip, problems = pip_settings.read(root, environ)
    certificates, told = _certificates(pip, environ)
    problems += told
    if index_url is not None:
        chosen = [one for one in [index(index_url, root)] if one]
    else:
        uv, broken = uv_settings.in_files(root, environ)
        problems += broken
        layers = (
            uv_settings.in_environment(environ, root),
            uv,
            pip_settings.in_requirements(root, environ),
            pip,
            project_sources.read(root, environ),
        )
        chosen, missing = _there(_merged(layers))
        problems += missing
    indexes = Indexes(
        tuple(replace(one, public=_is_public(one)) for one in chosen),
        private=tuple(_pattern(each) for each in private),
        offline=offline,
        cache=cache,
        certificates=certificates,
    )
    return indexes, problems


def _merged(layers: Iterable[Settings]) -> list[Index]:
    """Return the indexes of all settings, strongest first, each address once, and the default one last."""
    layers = list(layers)
    default = next((each.default for each in layers if each.default), None) or Index(public_index())
    flat = [one for each in layers for one in each.flat]
    found: dict[tuple[str, tuple[str, ...]], Index] = {}
    asked = [] if any(each.no_index for each in layers) else [*(one for each in layers for one in each.extra), default]
    for one in (*flat, *asked):
        key = one.url, one.names
        known = found.get(key)
        found[key] = one if known is None or not (known.user or known.password) else known
    return list(found.values())


def _there(indexes: Iterable[Index]) -> tuple[list[Index], tuple[Problem, ...]]:
    """Return the indexes without the folders that do not exist, which pip and uv pass over as well."""
    kept: list[Index] = []
    problems: list[Problem] = []
    for one in indexes:
        path = path_of(one.url)
        if path is None and host(one.url) is None:
            problems.append(Problem(None, ProblemKind.INDEX, f"{shown(one.url)} is no address of a package index"))
        elif path is not None and not path.exists():
            problems.append(Problem(None, ProblemKind.INDEX, f"the package index {path} does not exist"))
        else:
            kept.append(one)
    return kept, tuple(problems)


def _certificates(pip: Settings, environ: Mapping[str, str]) -> tuple[str | None, tuple[Problem, ...]]:
    """Return the file (or folder) of trusted certificates, as pip, requests and uv look for it."""
    problems: list[Problem] = []
    for name in [pip.certificates, *(environ.get(variable) for variable in _CERTIFICATES)]:
        if name and Path(name).exists():
            return name, tuple(problems)
        if name:
            problems.append(Problem(None, ProblemKind.INDEX, f"the file of trusted certificates {name} does not exist"))
    return None, tuple(dict.fromkeys(problems))


def _is_public(one: Index) -> bool:
    return _plain(one.url) == _plain(public_index())


def _plain(url: str) -> str:
    return f"{host(url)}{shown(url).partition('://')[2].partition('/')[2].rstrip('/')}"


def _pattern(text: str) -> str:
    """Return a pattern of names as it must be to fit normalised ones."""
    return re.sub(r"[-_.]+", "-", text.strip()).lower()
