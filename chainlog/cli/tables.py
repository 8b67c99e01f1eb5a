"""Tables for people: aligned text, the same on a terminal, in a pipe and in the docs; numbers to the right, totals below a line."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Final

from chainlog.wording import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_GAP: Final = "  "


def grid(headings: Sequence[str], rows: Iterable[Sequence[str]], totals: Iterable[Sequence[str]] = ()) -> str:
    """Lines of text: the headings, the rows, a rule, the totals. A heading that begins with `>` is of a column of numbers."""
    right = [heading.startswith(">") for heading in headings]
    head = [heading.removeprefix(">") for heading in headings]
    body = [[printable(cell) for cell in row] for row in rows]
    foot = [[printable(cell) for cell in row] for row in totals]
    widths = [max(_width(row[column]) for row in (head, *body, *foot)) for column in range(len(head))]
    lines = [_line(head, widths, right), *(_line(row, widths, right) for row in body)]
    if foot:
        lines += [_GAP.join("─" * width for width in widths), *(_line(row, widths, right) for row in foot)]
    return "\n".join(lines)


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    padded = []
    for cell, width, to_right in zip(cells, widths, right, strict=True):
        space = " " * (width - _width(cell))
        padded.append(space + cell if to_right else cell + space)
    return _GAP.join(padded).rstrip()


def _width(text: str) -> int:
    """How many columns of a terminal a text takes: letters of the Far East take two, marks on a letter none."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
