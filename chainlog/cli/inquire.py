"""What the commands that answer questions share.

The index of the ledger, the instant, the settings, the way to print an answer.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import click

from chainlog.cli.input import read_settings
from chainlog.cli.options import parse_moment
from chainlog.cli.output import emit, grid, progress_shown, warn
from chainlog.cli.session import open_ledger
from chainlog.custody.act import format_decimal, plus
from chainlog.index.audit_source import gather
from chainlog.index.index import Items
from chainlog.ledger.ledger import now_ms
from chainlog.ledger.sources import attachments_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from chainlog.audit.family import Source
    from chainlog.audit.settings import Settings
    from chainlog.ledger.ledger import Ledger

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass
class Inquiry:
    """A question put to a ledger: its index, the instant in ms (None: all held), the settings."""

    ledger: Ledger
    items: Items
    as_of: int | None
    settings: Settings

    @property
    def instant(self) -> int:
        """The instant to which durations run."""
        return now_ms() if self.as_of is None else self.as_of

    def source(self) -> Source:
        """What an audit is a function of."""
        state = attachments_in(self.ledger.engine)
        return gather(self.items, self.as_of, self.instant, state)


@contextmanager
def inquire(
    ctx: click.Context, as_of: str | None, settings: str | None = None
) -> Iterator[Inquiry]:
    """Open the ledger found here with its index, caught up.

    Raises what the ledger and the settings do.
    """
    moment = parse_moment(as_of, end=True)
    with (
        open_ledger(ctx) as ledger,
        progress_shown() as progress,
        Items.of(ledger, progress) as items,
    ):
        for notice in items.notices:
            warn(notice)
        yield Inquiry(ledger, items, moment, read_settings(ledger, settings))


@dataclass(slots=True)
class Answer:
    """An answer: rows for a person under `headings`, and the same for a program.

    A heading of numbers begins with `>`.
    """

    headings: Sequence[str]
    rows: list[Sequence[str]] = field(default_factory=list)
    plain: list[Mapping[str, Any]] = field(default_factory=list)
    totals: list[Sequence[str]] = field(default_factory=list)
    plain_totals: dict[str, Any] = field(default_factory=dict)
    # Sentences below the table.
    words: list[str] = field(default_factory=list)

    def add(self, cells: Sequence[str], **plain: Any) -> None:  # noqa: ANN401  (JSON has no better type)
        """A row more."""
        self.rows.append(cells)
        self.plain.append(plain)

    def show(self, inquiry: Inquiry, *, as_json: bool, limit: int | None = None) -> None:
        """Print it: `{as_of, rows, totals}` for a program, a table for a person.

        The table has the first `limit` rows.
        """
        if as_json:
            emit({"as_of": inquiry.instant, "rows": self.plain, "totals": self.plain_totals})
            return
        if not self.rows:
            click.echo("nothing")
        else:
            shown = self.rows if limit is None else self.rows[:limit]
            click.echo(grid(self.headings, shown, self.totals))
            if len(shown) < len(self.rows):
                click.echo(
                    f"and {len(self.rows) - len(shown)} more rows, in the totals above: "
                    f"--limit {len(self.rows)} shows them"
                )
        for sentence in self.words:
            click.echo(sentence)


def worth_of(worths: Iterable[tuple[Decimal, str] | None]) -> dict[str, Decimal]:
    """Sums of money by currency."""
    sums: dict[str, Decimal] = {}
    for worth in worths:
        if worth is not None:
            sums[worth[1]] = plus(sums.get(worth[1], Decimal(0)), worth[0])
    return dict(sorted(sums.items()))


def plain_worth(sums: Mapping[str, Decimal]) -> dict[str, str]:
    """Sums of money as JSON: decimals as text, by currency."""
    return {currency: format_decimal(amount) for currency, amount in sums.items()}


def say_worth(sums: Mapping[str, Decimal]) -> str:
    """Sums of money for a person."""
    return ", ".join(f"{say_quantity(amount)} {currency}" for currency, amount in sums.items())


def say_quantity(quantity: Decimal) -> str:
    """A quantity for a person."""
    return f"{Decimal(format_decimal(quantity)):,f}"


def say_share(part: Decimal | int, whole: Decimal | int) -> str:
    """A share in whole per cent, `-` of nothing."""
    return f"{share(part, whole)} %" if whole else "-"


def share(part: Decimal | int, whole: Decimal | int) -> int | None:
    """A share in per cent, rounded half up to a whole one; None of nothing."""
    if not whole:
        return None
    return int((Decimal(part) * 200 + whole) // (Decimal(whole) * 2))


def day(time: int | None) -> str:
    """The day of an instant in ms, UTC; a time that no calendar holds stays a number."""
    if time is None:
        return ""
    try:
        return datetime.fromtimestamp(time / 1000, UTC).strftime("%Y-%m-%d")
    except (ValueError, OverflowError, OSError):
        return f"{time} ms"
