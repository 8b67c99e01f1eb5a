"""How answers look: JSON for a program; aligned text for a person.

The text is the same on a terminal, in a pipe and in the docs: numbers to the right, totals below a
line.
"""

from __future__ import annotations

import json
import sys
import unicodedata
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click
from rich.console import Console
from rich.progress import Progress, ProgressColumn, SpinnerColumn
from rich.table import Table
from rich.text import Text

from chainlog.cli.advice import as_typed
from chainlog.cli.outlet import OUTLET
from chainlog.custody.act import format_decimal
from chainlog.errors import Sentence
from chainlog.events.wording import format_time, printable
from chainlog.export.words.catalogue import language, said, words
from chainlog.export.words.figures import moment, money, number
from chainlog.overrides import override

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from rich.progress import Task

    from chainlog.index.questions.reply import Answered

A = TypeVar("A", bound="Answered")

_GAP: Final = "  "
# The heads of columns that hold a date or an instant, and no document's number.
_OF_TIME: Final = frozenset(
    {"when", "recorded", "clock", "date", "last seen", "lost on", "reported", "final"}
    | {"sent on", "received on", "last seen, the longest ago"}
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """An answer for a person: rows and totals under `heads`, and sentences below.

    A head of numbers begins with `>`.
    """

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    totals: Sequence[Sequence[str]] = ()
    sentences: Sequence[str] = ()


def show_answer(
    answer: A, sheet: Callable[[A], Sheet], *, as_json: bool, limit: int | None = None
) -> None:
    """Print an answer: its JSON for a program, a sheet for a person with the first `limit` rows."""
    if as_json:
        emit(answer.plain())
        return
    made = sheet(answer)
    rows = made.rows
    if not rows:
        nothing = words().say("cell.nothing")
        click.echo(
            said("nothing was looked at")
            if any(not one.occurs for one in answer.unmet)
            else nothing
        )
    else:
        click.echo(grid(made.heads, rows[:limit], made.totals))
        if limit is not None and limit < len(rows):
            click.echo(
                said(
                    "and {count} more rows, in the totals above: --limit {all} shows them",
                    count=len(rows) - limit,
                    all=len(rows),
                )
            )
    for sentence in made.sentences:
        click.echo(sentence)


def total_row(heads: Sequence[str], **cells: str) -> list[str]:
    """A row of totals: cells by their heads, `total` in the first column unless said."""
    total = words().say("cell.total")
    names = [head.removeprefix(">") for head in heads]
    return [cells.get(name, "" if at else total) for at, name in enumerate(names)]


def say_worth(worth: Mapping[str, Decimal] | Mapping[str, str]) -> str:
    """Sums of money for a person."""
    return ", ".join(f"{say_quantity(amount)} {currency}" for currency, amount in worth.items())


def say_quantity(quantity: Decimal | str) -> str:
    """A quantity for a person; `quantity` may be its text already."""
    return f"{Decimal(format_decimal(Decimal(quantity))):,f}"


def say_percent(percent: int | None) -> str:
    """A share in whole per cent, `-` of nothing."""
    return "-" if percent is None else f"{percent} %"


def grid(
    headings: Sequence[str], rows: Iterable[Sequence[str]], totals: Iterable[Sequence[str]] = ()
) -> str:
    """Lines of text: the headings, the rows, a rule, the totals.

    A heading that begins with `>` is of a column of numbers.
    """
    right = [heading.startswith(">") for heading in headings]
    head = [head_of(heading.removeprefix(">")) for heading in headings]
    body = [_in_locale(headings, row) for row in rows]
    foot = [_in_locale(headings, row) for row in totals]
    widths = [
        max(columns(row[column]) for row in (head, *body, *foot)) for column in range(len(head))
    ]
    lines = [_line(head, widths, right), *(_line(row, widths, right) for row in body)]
    if foot:
        lines += [
            _GAP.join("─" * width for width in widths),
            *(_line(row, widths, right) for row in foot),
        ]
    return "\n".join(lines)


def _in_locale(headings: Sequence[str], row: Sequence[str]) -> list[str]:
    """Cells for a person: numbers and times as the language writes them, on a terminal."""
    cells = [printable(cell) for cell in row]
    if not sys.stdout.isatty():
        return cells
    return [
        money(cell, language())
        if heading.startswith(">")
        else moment(cell, language())
        if heading in _OF_TIME
        else cell
        for heading, cell in zip(headings, cells, strict=True)
    ]


def show_time(time: int) -> str:
    """An instant (ms since the epoch) for a person; on a terminal as the language writes it."""
    text = format_time(time)
    return moment(text, language()) if sys.stdout.isatty() else text


def head_of(heading: str) -> str:
    """A column's heading; `head.…` in the catalogue. An empty one, or a name, stands as it is."""
    spoken, key = words(), f"head.{heading.replace(' ', '_')}"
    return spoken.say(key) if heading and spoken.has(key) else heading


def cell_of(word: str) -> str:
    """A cell that is a word of ours; `cell.…` in the catalogue. An unknown one stands as it is."""
    spoken, key = words(), f"cell.{word.replace(' ', '_')}"
    return spoken.say(key) if word and spoken.has(key) else word


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    padded = []
    for cell, width, to_right in zip(cells, widths, right, strict=True):
        space = " " * (width - columns(cell))
        padded.append(space + cell if to_right else cell + space)
    return _GAP.join(padded).rstrip()


def columns(text: str) -> int:
    """How many columns of a terminal a text takes.

    Letters of the Far East take two, marks on a letter none.
    """
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )


def print_text(text: str) -> None:
    """Text that others may have written, on stdout, as it is.

    On a terminal, what could move its cursor or turn its text is written out.
    """
    if sys.stdout.isatty():
        text = "\n".join(map(printable, text.replace("\r\n", "\n").split("\n")))
    click.echo(text, nl=False)


class _EntriesRead(ProgressColumn):
    """How many entries were read so far."""

    @override
    def render(self, task: Task) -> Text:
        count = number(f"{int(task.completed):,}", language())
        return Text(words().say("output.progress", count=count))


@contextmanager
def progress_shown() -> Iterator[Callable[[int], None] | None]:
    """A count of entries on stderr, where stderr is a terminal."""
    if not sys.stderr.isatty():
        yield None
        return

    with Progress(
        SpinnerColumn(), _EntriesRead(), console=Console(stderr=True), transient=True
    ) as shown:
        task = shown.add_task("", total=None)
        yield lambda more: shown.advance(task, more)


def speak(template: str, /, **params: object) -> None:
    """A sentence of an answer, on stdout, in the reader's language."""
    answer(said(template, **params))


def answer(text: str) -> None:
    """An answer, on stdout; its commands name the ledger that was named."""
    click.echo(as_typed(text, click.get_current_context(silent=True)))


def stream(ctx: click.Context) -> None:
    """From here on an answer that may be long is printed: where nobody reads it, it stops."""
    outlet = ctx.meta.get(OUTLET)
    if outlet is not None:
        outlet.wanted = False


def misuse(ctx: click.Context, template: str, /, **params: object) -> click.UsageError:
    """The error of a command line that asks for what does not go together."""
    return click.UsageError(said(template, **params), ctx)


def say(text: str) -> None:
    """A word to the person, on stderr."""
    click.echo(text, err=True)


def warn(text: str) -> None:
    """Something that a person should know, on stderr."""
    spoken = words()
    told = as_typed(spoken.tell(text), click.get_current_context(silent=True))
    say(spoken.say("notice", text=told))


def emit(value: Any) -> None:  # noqa: ANN401  (JSON has no better type)
    """One JSON value, on a line of stdout; sentences in it are in English."""
    print_text(json.dumps(_in_english(value), ensure_ascii=False) + "\n")


def _in_english(value: Any) -> Any:  # noqa: ANN401  (JSON has no better type)
    match value:
        case Sentence():
            return words("en").tell(value)
        case dict():
            return {name: _in_english(one) for name, one in value.items()}
        case list() | tuple():
            return [_in_english(one) for one in value]
        case _:
            return value


def table(
    headings: Sequence[str], rows: Iterable[Sequence[str]], *, title: str | None = None
) -> None:
    """Rows for a person: a table on a terminal, otherwise the same cells with tabs between them."""
    if not sys.stdout.isatty():
        for row in rows:
            click.echo("\t".join(cell.replace("\t", " ").replace("\n", " ") for cell in row))
        return

    shown = Table(
        *map(head_of, headings), title=title, box=None, pad_edge=False, header_style="bold"
    )
    for row in rows:
        shown.add_row(*map(Text, _in_locale(headings, row)))
    Console().print(shown)
