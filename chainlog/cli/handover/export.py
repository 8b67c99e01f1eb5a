"""`chainlog export FORMAT`: entries as a file that other programs read.

`chainlog import` takes such a file back.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from chainlog.cli.filters import check_kinds, parse_span, say_nothing_meant
from chainlog.cli.input import read_settings
from chainlog.cli.options import chain_option, find_chain
from chainlog.cli.output import print_text, say, stream, warn
from chainlog.cli.session import open_ledger
from chainlog.errors import StoreError
from chainlog.export.exporter import exporters
from chainlog.export.subject import Selection, Subject
from chainlog.export.words.catalogue import said
from chainlog.store import durable
from chainlog.store.segment.files import real_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from chainlog.export.exporter import Option


def with_options(command: Callable[..., None]) -> Callable[..., None]:
    """The options that formats declare, each once; the help says whose they are."""
    declared: dict[str, tuple[Option, list[str]]] = {}
    for exporter in exporters().values():
        for option in exporter.options:
            declared.setdefault(option.name, (option, []))[1].append(exporter.name)
    for name, (option, formats) in reversed(declared.items()):
        kind = click.Choice(option.type) if isinstance(option.type, tuple) else option.type
        command = click.option(
            f"--{name.replace('_', '-')}",
            name,
            type=kind,
            is_flag=option.type is bool,
            default=None,
            help=f"{option.help} ({', '.join(formats)})",
        )(command)
    return command


def options_for(form: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """What a format's options come to. Raises UsageError for one that is another format's."""
    options: dict[str, Any] = {one.name: one.default for one in exporters()[form].options}
    for name, value in given.items():
        if value is not None and name not in options:
            raise click.UsageError(
                said("{form} has no option --{replace}", form=form, replace=name.replace("_", "-"))
            )
        if value is not None:
            options[name] = value
    return options


@click.command()
@click.argument("form", metavar="|".join(exporters()), type=click.Choice(list(exporters())))
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(dir_okay=False, readable=False, path_type=Path),
    help="Write to FILE, which is replaced.",
)
@chain_option
@click.option(
    "--kind",
    "kinds",
    metavar="KIND",
    multiple=True,
    help="Only entries of this kind; may be given again.",
)
@click.option("--since", metavar="DATE", help="Only entries whose clock says so, or later (UTC).")
@click.option("--until", metavar="DATE", help="Only entries whose clock says so, or earlier (UTC).")
@with_options
@click.pass_context
def export(
    ctx: click.Context,
    /,
    form: str,
    output: Path | None,
    prefix: str | None,
    kinds: tuple[str, ...],
    since: str | None,
    until: str | None,
    **given: Any,  # noqa: ANN401  (what formats declare)
) -> None:
    """Write entries as JSON lines or as CSV, to stdout unless -o names a file.

    JSON lines have an object for each entry. CSV has a row for each line of an event. Where not
    all of the chain can be read, that is said, and the exit code is 4; a file is then left as it
    is. A body that is damaged is left out, which is marked and said, with the same exit code.
    """
    options = options_for(form, given)
    selection = Selection(frozenset(kinds), *parse_span(ctx, since, until))
    with open_ledger(ctx) as ledger:
        chain = find_chain(ledger, prefix)
        # A chain that grows meanwhile is exported as it stood: CSV reads it twice.
        size = ledger.readable(chain).size
        check_kinds(ledger, chain, size, kinds)
        if output is not None:
            ledger.check_whole(chain)  # a whole export is not written over with less
        subject = Subject(ledger, chain, size, selection, lambda: read_settings(ledger, None))
        if output is None:
            stream(ctx)
        with _opened(output) as write:
            count = exporters()[form].write(subject, write, options)
        ledger.check_whole(chain)
    say_nothing_meant(count, size)
    if subject.damaged:
        ctx.find_root().obj["cannot_tell"] = True
        warn(
            said(
                "not what was signed, and marked so: what these entries say: {entries}; run "
                "'chainlog verify'",
                entries=", ".join(map(str, sorted(subject.damaged)[:10])),
            )
        )
    if output is not None:
        say(said("exported {count} of {n} entries to {output}", count=count, n=size, output=output))


@contextmanager
def _opened(output: Path | None) -> Iterator[Callable[[bytes], object]]:
    """Where to write: stdout, or a file beside `output` that takes its place once all is written.

    Raises StoreError.
    """
    if output is None:
        if sys.stdout.isatty():
            yield lambda data: print_text(data.decode(errors="backslashreplace"))
            return
        stdout = sys.stdout.buffer
        yield stdout.write
        stdout.flush()
        return
    # Through a link, to the file it names; nobody is left with half an export.
    target = real_path(output)
    with StoreError.from_os("{output} cannot be written: {why}", output=output):
        with durable.Beside(target.with_name(f".{target.name}.{os.getpid()}.new")) as new:
            yield new.write
            new.put(target)
        durable.sync_folder(target.parent)


PLACE: Final = 10
SUMMARY: Final = "write events as JSON lines or CSV"
COMMAND: Final[click.Command] = export
