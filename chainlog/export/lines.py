"""Files that are read as text: their lines, and the rows of CSV in them, each with its number."""

from __future__ import annotations

import csv
import re
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Final

from chainlog.errors import IntakeError, Sentence

if TYPE_CHECKING:
    from collections.abc import Iterator


# Above any event of 4 MiB, were each of its characters escaped as six.
LINE_LIMIT: Final = 32 * 2**20


def read_lines(file: IO[bytes]) -> Iterator[tuple[int, str]]:
    r"""The lines of a file with their numbers, from its beginning, ends (`\n`) included.

    Raises IntakeError unless it is UTF-8.
    """
    file.seek(0)
    start = file.read(4)
    file.seek(0)
    if start[:2] in {b"\xff\xfe", b"\xfe\xff"} or b"\0" in start[:2]:
        raise IntakeError(
            "the file is in UTF-16: save it as UTF-8",
            problems=(Sentence("line 1: the file is in UTF-16: save it as UTF-8"),),
        )
    number = 0
    while data := file.readline(LINE_LIMIT):
        number += 1
        if number == 1:
            data = data.removeprefix(b"\xef\xbb\xbf")
        if len(data) >= LINE_LIMIT:
            raise broken(
                number,
                "longer than {limit} bytes, which is more than any event takes",
                limit=LINE_LIMIT,
            )
        if b"\0" in data:
            raise broken(number, "a NUL byte, which no text has")
        try:
            yield number, data.decode()
        except UnicodeDecodeError as error:
            raise broken(
                number, "byte {byte} is not UTF-8: save the file as UTF-8", byte=error.start + 1
            ) from None


def read_rows(file: IO[bytes]) -> Iterator[tuple[int, list[str]]]:
    """The rows of CSV that hold anything, each with the number of the line on which it begins.

    Raises IntakeError.
    """
    feed = _Feed(file)
    reader = csv.reader(feed, strict=True)
    while True:
        feed.begin_row()
        try:
            with _wide_cells():
                cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise feed.explain("not CSV: {why}", why=str(error)) from None
        if any(cells):
            yield feed.first, cells


def broken(line: int, template: str, /, **params: object) -> IntakeError:
    """The error of a file that cannot be read beyond a line."""
    told = Sentence("line {line}: {what}", line=line, what=Sentence(template, **params))
    return IntakeError(told, problems=(told,))


class _Feed:
    """The lines of a file for `csv`, which remembers those of the row being read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._lines = read_lines(file)
        self._size = 0
        self.row: list[str] = []
        self.first = 1

    def begin_row(self) -> None:
        """Forget the row that was read."""
        self.first += len(self.row)
        self.row, self._size = [], 0

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> str:
        _, text = next(self._lines)
        self._size += len(text)
        self.row.append(text)
        if self._size > LINE_LIMIT:
            raise self.explain("a row of more than {limit} characters", limit=LINE_LIMIT)
        return text

    def explain(self, template: str, /, **params: object) -> IntakeError:
        """What is wrong with this row: a quote that was opened and never closed, if that is it.

        It names the line on which the quote was opened.
        """
        opened = _find_open_quote("".join(self.row))
        if opened is not None:
            return broken(self.first + opened, "a double quote is opened here and never closed")
        if "new-line character" in str(params.get("why", "")):
            return broken(
                self.first,
                "a carriage return without a line feed: save the file with usual line ends",
            )
        return broken(self.first, template, **params)


def _find_open_quote(row: str) -> int | None:
    """How many lines into a row the quote stands that is open at its end; None where none is."""
    at = 0
    while True:
        if row.startswith('"', at):
            end = re.compile(r'(?:[^"]|"")*+').match(row, at + 1)
            assert end is not None
            if end.end() == len(row):
                return row.count("\n", 0, at)
            at = end.end() + 1
        comma = row.find(",", at)
        if comma < 0:
            return None
        at = comma + 1


@contextmanager
def _wide_cells() -> Iterator[None]:
    """A cell may be as long as a line.

    The limit is the whole process's: it stands only while a row is read.
    """
    before = csv.field_size_limit(LINE_LIMIT)
    try:
        yield
    finally:
        csv.field_size_limit(before)
