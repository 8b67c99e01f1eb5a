"""How a question's verb opens what it asks: the ledger found here, its index, the settings."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from chainlog.cli.filters import unmet_by
from chainlog.cli.input import read_settings
from chainlog.cli.options import parse_moment
from chainlog.cli.output import progress_shown, warn
from chainlog.cli.session import open_ledger
from chainlog.errors import NoEntryError, UnreadableError
from chainlog.events.wording import printable
from chainlog.export.words.catalogue import words
from chainlog.index.follow import UNREAD
from chainlog.index.index import Items
from chainlog.index.inquiry import Inquiry

if TYPE_CHECKING:
    from collections.abc import Iterator

    import click


@contextmanager
def open_items(ctx: click.Context) -> Iterator[Items]:
    """Open the ledger found here with its index, caught up; say what a person should know of it.

    Where not all of a chain can be read, the answer leaves that out, and the exit code says so.
    Raises UnreadableError where what is asked for may be in there.
    """
    with (
        open_ledger(ctx) as ledger,
        progress_shown() as progress,
        Items.of(ledger, progress) as items,
    ):
        items.heard = warn
        for notice in items.notices:
            warn(notice)
        if not items.unreadable() and all(one.problem != UNREAD for one in items.chains()):
            yield items
            return
        ctx.find_root().obj["cannot_tell"] = True
        try:
            yield items
        except NoEntryError as error:
            raise UnreadableError(
                "{why}, as far as it can be read", why=error.message, hint=error.hint
            ) from None


@contextmanager
def open_inquiry(
    ctx: click.Context, as_of: str | None, settings: str | None = None
) -> Iterator[Inquiry]:
    """Open what a question is asked of; say what it names, and nothing here has.

    Raises what the ledger and the settings do.
    """
    moment = parse_moment(as_of, end=True)
    with open_items(ctx) as items:
        used = read_settings(items.ledger, settings)
        unmet = unmet_by(ctx, items, used)
        for one in unmet:
            warn(printable(words().tell(one.why)))
        yield Inquiry(items.ledger, items, moment, used, unmet)
