"""`chainlog export jsonl|csv`: entries as a file that other programs read.

`chainlog import` takes such a file back.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

import click

from chainlog.cli.options import chosen, find_chain, parse_moment
from chainlog.cli.output import say
from chainlog.cli.session import open_ledger
from chainlog.errors import StoreError
from chainlog.export import jsonl, tabular
from chainlog.store import durable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from chainlog.format.opened import Logged

_WRITERS: Final[
    dict[str, Callable[[Callable[[], Iterable[Logged]], Callable[[str], object]], int]]
] = {
    "jsonl": jsonl.write_entries,
    "csv": tabular.write_entries,
}


@click.command()
@click.argument("form", metavar="jsonl|csv", type=click.Choice(list(_WRITERS)))
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write to FILE, which is replaced.",
)
@click.option("--chain", "prefix", metavar="PREFIX", help="Another chain that is held here.")
@click.option(
    "--kind",
    "kinds",
    metavar="KIND",
    multiple=True,
    help="Only entries of this kind; may be given again.",
)
@click.option("--since", metavar="DATE", help="Only entries whose clock says so, or later (UTC).")
@click.option("--until", metavar="DATE", help="Only entries whose clock says so, or earlier (UTC).")
@click.pass_context
def export(
    ctx: click.Context,
    form: str,
    output: Path | None,
    prefix: str | None,
    kinds: tuple[str, ...],
    since: str | None,
    until: str | None,
) -> None:
    """Write entries as JSON lines or as CSV, to stdout unless -o names a file.

    JSON lines have an object for each entry. CSV has a row for each line of an event.
    """
    times = parse_moment(since), parse_moment(until, end=True)
    with open_ledger(ctx) as ledger:
        chain = find_chain(ledger, prefix)
        size = ledger.engine.head(chain).size
        with _opened(output) as file:
            # A chain that grows meanwhile is exported as it stood: CSV reads it twice.
            count = _WRITERS[form](
                lambda: chosen(ledger.read(0, size, chain), kinds, times),
                lambda text: file.write(text.encode()),
            )
    if output is not None:
        say(f"exported {count} of {size} entries to {output}")


@contextmanager
def _opened(output: Path | None) -> Iterator[IO[bytes]]:
    """Where to write: stdout, or a file beside `output` that takes its place once all is written.

    Raises StoreError.
    """
    if output is None:
        stdout = sys.stdout.buffer
        yield stdout
        stdout.flush()
        return
    # Through a link, to the file it names; nobody is left with half an export.
    target = output.resolve()
    beside = target.with_name(f".{target.name}.{os.getpid()}.new")
    try:
        with beside.open("wb") as file:
            yield file
            file.flush()
            durable.sync_data(file.fileno())
        beside.replace(target)
        durable.sync_folder(target.parent)
    except OSError as error:
        raise StoreError(f"{output} cannot be written: {error.strerror}") from None
    finally:
        # Gone already, if all went well.
        with suppress(OSError):
            beside.unlink()


PLACE: Final = 10
SUMMARY: Final = "write events as JSON lines or CSV"
COMMAND: Final[click.Command] = export
