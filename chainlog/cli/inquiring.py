"""What the commands that answer questions share: the index of the ledger, the instant, the settings, the way to print an answer."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from chainlog.act import format_decimal, plus
from chainlog.audit.settings import Settings, parse_settings
from chainlog.cli.log import parse_moment
from chainlog.cli.session import emit, open_ledger, warn
from chainlog.cli.tables import grid
from chainlog.cli.verifying import progress_shown
from chainlog.errors import SettingsError
from chainlog.items.gathering import gather
from chainlog.items.index import Items
from chainlog.ledger import now_ms
from chainlog.store.sources import attachments_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from chainlog.audit.family import Source
    from chainlog.ledger import Ledger

SETTINGS_NAME: Final = "audit.toml"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass
class Inquiry:
    """A question put to a ledger: its index, the instant in ms (None: all that is held), the settings."""

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
        folder = self.ledger.folder
        assert folder is not None
        return gather(self.items, self.as_of, self.instant, attachments_of(folder / "blobs"))


@contextmanager
def inquire(ctx: click.Context, as_of: str | None, settings: str | None = None) -> Iterator[Inquiry]:
    """Open the ledger found here with its index, caught up. Raises what the ledger and the settings do."""
    moment = parse_moment(as_of, end=True)
    with open_ledger(ctx) as ledger, progress_shown() as progress, Items.of(ledger, progress) as items:
        for notice in items.notices:
            warn(notice)
        yield Inquiry(ledger, items, moment, read_settings(ledger, settings))


def read_settings(ledger: Ledger, named: str | None) -> Settings:
    """The audit's settings: of the file that is named, or of `audit.toml` in the ledger, or the defaults. Raises SettingsError."""
    path = Path(named) if named else ledger.folder / SETTINGS_NAME if ledger.folder else None
    if path is None or (not named and not os.path.lexists(path)):
        return Settings()
    try:
        if path.exists() and not path.is_file():
            raise SettingsError(f"{path} is no file")  # a pipe would be waited for
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {error}") from None
    return parse_settings(text, str(path))


def as_of_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--as-of`, which every question has."""
    told = "Only what was recorded by then, by the entries' clocks (UTC; a date means its end)."
    return click.option("--as-of", metavar="DATE", help=told)(command)


def settings_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--settings`, where thresholds count."""
    told = f"Thresholds, monitored classes, parties in the country; otherwise {SETTINGS_NAME} in the ledger, or the defaults."
    return click.option("--settings", metavar="FILE", help=told)(command)


def json_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--json`, which every question has."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")(command)


@dataclass(slots=True)
class Answer:
    """An answer: rows for a person under `headings` (`>` before one of numbers), and the same for a program."""

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
        """Print it: `{as_of, rows, totals}` for a program, a table for a person, its first `limit` rows."""
        if as_json:
            emit({"as_of": inquiry.instant, "rows": self.plain, "totals": self.plain_totals})
            return
        if not self.rows:
            click.echo("nothing")
        else:
            shown = self.rows if limit is None else self.rows[:limit]
            click.echo(grid(self.headings, shown, self.totals))
            if len(shown) < len(self.rows):
                click.echo(f"and {len(self.rows) - len(shown)} more rows, in the totals above: --limit {len(self.rows)} shows them")
        for sentence in self.words:
            click.echo(sentence)


def limit_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--limit`, for long tables."""
    return click.option("--limit", type=click.IntRange(min=1), default=LIMIT, show_default=True, help="Show at most so many rows.")(command)


LIMIT: Final = 60


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
