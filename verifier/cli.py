"""The commands `verify check` (the default), `explain`, `rules`, `config` and `index`."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from verifier import catalogue
from verifier.commands import rules
from verifier.config import Config, ConfigError, click_options, load

if TYPE_CHECKING:
    from verifier.model import Report

FOUND, BROKEN = 1, 2
_WATCHED = 20
"""Files from which on a run is long enough to wonder."""


class _Group(click.Group):
    """Commands of which `check` may be left out: `verify file.py`."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """`check` unless the first word is another command."""
        if args and args[0] not in self.commands:
            args = ["check", *args]
        return super().resolve_command(ctx, args)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Let options of `check` come first: `verify --offline file.py`."""
        own = {"--help", "-h", "--version"}
        if args and args[0].startswith("-") and args[0] not in own:
            args = ["check", *args]
        return super().parse_args(ctx, args)


def _version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from importlib.metadata import version  # noqa: PLC0415  # only --version asks

        click.echo(f"verify {version('verify-generated')}")
        ctx.exit()


@click.group(cls=_Group, invoke_without_command=False, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--version", is_flag=True, expose_value=False, is_eager=True, callback=_version, help="Show the version.")
def cli() -> None:
    """Check Python that a language model wrote, before anyone runs it.

    `verify FILE` is `verify check FILE`. Exit status: 0 nothing found, 1 findings, 2 verify could not do its job.
    """


@cli.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=str))
@click.option("--stdin-filename", default=None, help="The name under which standard input (`-`) is reported.")
@click_options()
def check(paths: tuple[str, ...], stdin_filename: str | None, **options: Any) -> None:
    """Check files, folders, or standard input (`-`); the current folder by default."""
    named = [Path(each) for each in paths if each != "-"]
    if options["python"] and Path(options["python"]).exists():
        options["python"] = str(Path(options["python"]).absolute())  # as seen from here, not from the project's root
    try:
        start = named[0] if named else Path(stdin_filename or ".")
        config = load(start, options, os.environ)
    except (ConfigError, catalogue.CatalogueError) as error:
        raise click.UsageError(str(error)) from error
    given = None
    if "-" in paths:
        given = (stdin_filename or "stdin.py", sys.stdin.buffer.read())
    elif not named:
        named = [Path()]
    if config.fix or config.unsafe_fixes or config.diff:
        _fix(named, config, given)
    from verifier.engine import run  # noqa: PLC0415  # the engines load only when there is something to check

    report = run(named, config, standard_input=given, progress=_progress(), environ=os.environ)
    _show(report, config, given)
    sys.exit(status(report, config))


def _fix(named: Sequence[Path], config: Config, given: tuple[str, bytes] | None) -> NoReturn:
    """Check and fix; fixed standard input and diffs go to standard output, which then has no report."""
    from verifier.fixing.run import diff, run  # noqa: PLC0415  # see check
    from verifier.report import render_problems, summary  # noqa: PLC0415  # see check

    outcome = run(named, config, standard_input=given, progress=_progress(), environ=os.environ)
    report = outcome.report
    if config.diff:
        sys.stdout.buffer.write(diff(outcome))
        click.echo(render_problems(report), err=True, nl=False)
        click.echo(summary.of_diff(report, len(outcome.after)), err=True)
        broken = report.problems and (config.strict or not report.files)
        sys.exit(BROKEN if broken else FOUND if outcome.after and not config.exit_zero else 0)
    if given is not None:
        given = (given[0], outcome.after.get(given[0], given[1]))
        sys.stdout.buffer.write(given[1])
    _show(report, config, given, err=given is not None)
    sys.exit(status(report, config))


@cli.command()
@click.argument("rule")
def explain(rule: str) -> None:
    """Show what a rule looks for, why, what to write instead, and how precise it is."""
    from verifier.report.explain import explain as text  # noqa: PLC0415  # see check

    try:
        click.echo(text(catalogue.find(catalogue.load(), rule)), nl=False)
    except catalogue.CatalogueError as error:
        raise click.UsageError(str(error)) from error


cli.add_command(rules)


@cli.group("config")
def configuration() -> None:
    """Show how verify is configured."""


@configuration.command("schema")
def schema() -> None:
    """Print the JSON Schema of [tool.verify]."""
    import json  # noqa: PLC0415  # only this command writes JSON itself

    from verifier.config import schema as table  # noqa: PLC0415  # the name is the command's here

    click.echo(json.dumps(table(), indent=2))


@cli.group("index")
def indexes() -> None:
    """Keep what package indexes have, for runs without a network."""


@indexes.command("update")
@click.option("--index-url", metavar="URL", default=None, help="The one package index to ask.")
def update(index_url: str | None) -> None:
    """Store the names of all that the configured indexes have, so that offline runs know what does not exist."""
    from verifier.world import project  # noqa: PLC0415  # see check
    from verifier.world.index import names  # noqa: PLC0415  # see check

    try:
        config = load(Path(), {"index_url": index_url}, os.environ)
    except ConfigError as error:
        raise click.UsageError(str(error)) from error
    found, _ = project.load(project.home_of(Path()), config, os.environ)
    lines = names.update(found.indexes)
    click.echo("\n".join(lines))
    sys.exit(BROKEN if any(": not stored" in line for line in lines) else 0)


def status(report: Report, config: Config) -> int:
    """The exit status: 2 if nothing was checked (or not all, under --strict), 1 for findings that count, else 0."""
    if report.problems and (config.strict or not report.files):
        return BROKEN
    if config.exit_zero:
        return 0
    return FOUND if any(each.severity.rank >= config.fail_on.rank for each in report.findings) else 0


def _show(report: Report, config: Config, given: tuple[str, bytes] | None, *, err: bool = False) -> None:
    """Write the report, to standard error if `err`, and the problems."""
    from verifier.report import render, render_problems  # noqa: PLC0415  # see check
    from verifier.source import Lines  # noqa: PLC0415  # see check

    terminal = config.output_file is None and (sys.stderr if err else sys.stdout).isatty()
    lines = Lines(dict([given]) if given else {})
    text = render(report, config.format, lines, terminal=terminal, width=shutil.get_terminal_size((100, 24)).columns)
    if config.output_file is None:
        click.echo(text, err=err, nl=False, color=True)  # rich has decided already
    else:
        try:
            config.output_file.write_text(text, encoding="utf-8")
        except OSError as error:
            raise click.FileError(str(config.output_file), error.strerror) from error
    click.echo(render_problems(report), err=True, nl=False)


def _progress() -> Callable[[int, int], None] | None:
    """Counts files on standard error, where a person watches and the run is long enough to wonder."""
    if not sys.stderr.isatty():
        return None

    def show(number: int, total: int) -> None:
        if total > _WATCHED:
            end = "\r" if number < total else "\r\033[K"
            click.echo(f"checked {number} of {total} files{end}" if number < total else end, err=True, nl=False)

    return show


def main() -> None:
    """Run the command line; a crash of ours ends with a traceback and status 2."""
    try:
        cli(prog_name="verify")
    except Exception:  # noqa: BLE001  # whatever it is, a crash must end with status 2 and not look like findings
        import traceback  # noqa: PLC0415  # only a crash needs it

        traceback.print_exc()
        click.echo("verify crashed: this is a defect of verify, not of the code it read", err=True)
        sys.exit(BROKEN)


if __name__ == "__main__":
    main()
