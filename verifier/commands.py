"""The commands below `verify rules`: the list of rules, and the proofs of what the tables of deprecated APIs say."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from verifier import catalogue
from verifier.config import ConfigError, load

if TYPE_CHECKING:
    from verifier.distributions import Indexes
    from verifier.proving.checking import Checked
    from verifier.proving.looking import Answers
    from verifier.proving.releases import Release

_FOUND, _BROKEN = 1, 2
_index_url = click.option("--index-url", metavar="URL", default=None, help="The one package index to ask.")
_jobs = click.option(
    "--jobs", type=click.IntRange(min=1), default=min(4, os.cpu_count() or 1), help="Releases read at once."
)


@click.group(invoke_without_command=True)
@click.pass_context
def rules(ctx: click.Context) -> None:
    """List every rule; the commands below prove and propose rows of the tables of deprecated APIs."""
    if ctx.invoked_subcommand is None:
        from verifier.report.explain import listing  # noqa: PLC0415  # as in cli: only what a command needs is loaded

        click.echo(listing(catalogue.load()), nl=False)


@rules.command("check")
@click.argument("table", metavar="DISTRIBUTION")
@click.option("--all-rows", is_flag=True, help="Also rows that are proved already.")
@_index_url
@_jobs
def check(table: str, *, all_rows: bool, index_url: str | None, jobs: int) -> None:
    """Prove the rows of rules/deprecated/DISTRIBUTION.toml from the releases around each change.

    A path that ends in .toml names another table. The proof is written beside each row. Exit status: 0 nothing speaks
    against a row, 1 something does, 2 not all releases could be read.
    """
    from packaging.utils import canonicalize_name  # noqa: PLC0415  # see above

    _need_tomlkit()
    from verifier.proving.checking import check as prove  # noqa: PLC0415  # see above

    tables = catalogue.folder() / "deprecated"
    file = Path(table) if table.endswith(".toml") else tables / f"{canonicalize_name(table)}.toml"
    try:
        checked = prove(_indexes(index_url), file, every=all_rows, jobs=jobs, done=_done)
    except catalogue.CatalogueError as error:
        raise click.UsageError(str(error)) from error
    _show(checked)
    for each in checked.problems:
        click.echo(f"not proved: {each.text}", err=True)
    against = any(each.contradictions for each in checked.verdicts.values())
    sys.exit(_BROKEN if checked.problems else _FOUND if against else 0)


@rules.command("derive")
@click.argument("distribution")
@click.argument("old")
@click.argument("new")
@click.option("--modules", default="", metavar="A.B,C.D", help="Only what these modules offer.")
@_index_url
@_jobs
def derive(distribution: str, old: str, new: str, *, modules: str, index_url: str | None, jobs: int) -> None:
    """Print rows for what release OLD offers and release NEW lacks or deprecates, with proof, without reference.

    Exit status: 0 compared, 2 not all releases could be read.
    """
    _need_tomlkit()
    from verifier.proving.deriving import derive as propose  # noqa: PLC0415  # see above
    from verifier.proving.deriving import written  # noqa: PLC0415  # see above

    listed = tuple(each.strip() for each in modules.split(",") if each.strip())
    try:
        derived = propose(_indexes(index_url), distribution, (old, new), modules=listed, jobs=jobs, done=_done)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    click.echo(written(derived), nl=False)
    for each in derived.undated:
        click.echo(f"not dated: {each}", err=True)
    for problem in derived.problems:
        click.echo(f"not read: {problem.text}", err=True)
    sys.exit(_BROKEN if derived.problems else 0)


def _need_tomlkit() -> None:
    if importlib.util.find_spec("tomlkit") is None:
        raise click.UsageError("the tables are written with tomlkit, which is not installed: the extra `rules` has it")


def _show(checked: Checked) -> None:
    for api, verdict in checked.verdicts.items():
        for each in verdict.contradictions:
            click.echo(f"{api}: contradicted: {each}")
        if not verdict.contradictions and verdict.unproved:
            click.echo(f"{api}: {'partly proved' if verdict.proof else 'unproved'}: {verdict.unproved}")
    verdicts = checked.verdicts.values()
    whole = sum(1 for each in verdicts if each.proof and not each.unproved)
    partly = sum(1 for each in verdicts if each.proof and each.unproved)
    against = sum(1 for each in verdicts if each.contradictions)
    rest = len(verdicts) - whole - partly - against
    click.echo(f"{len(verdicts)} rows: {whole} proved, {partly} partly, {rest} not, {against} contradicted")
    if checked.by_hand:
        click.echo(f"{len(checked.by_hand)} more left alone: checked by hand")


def _done(release: Release, answers: Answers) -> None:
    """Say on standard error which release was read: some take a minute."""
    click.echo(f"read {release.distribution} {release.version}" if not isinstance(answers, str) else answers, err=True)


def _indexes(index_url: str | None) -> Indexes:
    from verifier.world import project  # noqa: PLC0415  # see above

    try:
        config = load(Path(), {"index_url": index_url}, os.environ)
    except ConfigError as error:
        raise click.UsageError(str(error)) from error
    found, _ = project.load(project.home_of(Path()), config, os.environ)
    return found.indexes
