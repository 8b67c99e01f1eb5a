"""Taking in events from a file.

All of it is checked before the first is appended. What the chain holds already is left out.

A reader (`export/jsonl.py`, `export/tabular.py`) gives what a file holds; here are the lines, rows
and JSON that it is read with. Equal events are told apart by count: the k-th in the file is the
k-th in the chain. So taking a file in twice adds nothing, and an intake that died half way is
finished by doing it again. The file is read twice, never held: of an event 16 bytes are kept.
"""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from typing import IO, TYPE_CHECKING, Any, Final

from chainlog.errors import EventError, FormatError, IntakeError
from chainlog.events.event import Event, is_governing
from chainlog.format.body import SALT_BYTES, commit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    from chainlog.ledger.ledger import Ledger
    from chainlog.store.engine import Head

PROBLEM_LIMIT: Final = 100
# Above any event of 4 MiB, were each of its characters escaped as six.
LINE_LIMIT: Final = 32 * 2**20


@dataclass(frozen=True, slots=True)
class Found:
    """What a reader came upon at a line (from 1): an event, or a problem.

    Neither where a governing kind is passed over.
    """

    line: int
    event: Event | None = None
    problem: str | None = None


Reader: TypeAlias = "Callable[[], Iterator[Found]]"


@dataclass(frozen=True, slots=True)
class Intake:
    """What became of a file's events, in numbers.

    `read` is the sum of the other three, and of those yet to be appended.
    """

    read: int
    skipped_governing: int
    already_there: int
    appended: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What taking in a file would do to the chain at `head`.

    `known`: digest of an event -> how many of it the chain holds already.
    """

    read: int
    skipped_governing: int
    known: Counter[bytes]
    head: Head

    @property
    def already_there(self) -> int:
        """How many events of the file the chain holds already."""
        return self.known.total()

    @property
    def new(self) -> int:
        """How many events of the file are to be appended."""
        return self.read - self.skipped_governing - self.already_there


def take_in(
    ledger: Ledger,
    reader: Reader,
    *,
    dry_run: bool = False,
    progress: Callable[[int], None] | None = None,
) -> Intake:
    """Append what a file holds and the chain does not.

    Raises IntakeError, before the first is appended, and what appending raises.
    """
    plan = make_plan(ledger, reader)
    return (
        Intake(plan.read, plan.skipped_governing, plan.already_there, 0)
        if dry_run
        else carry_out(ledger, reader, plan, progress)
    )


def make_plan(
    ledger: Ledger, reader: Reader, progress: Callable[[int], None] | None = None
) -> Plan:
    """Check the whole file and compare it with the chain; nothing is written.

    Raises IntakeError with the first 100 problems.
    """
    read, skipped, problems = 0, 0, []
    wanted: Counter[bytes] = Counter()
    try:
        for found in reader():
            read += 1
            if progress is not None:
                progress(1)
            if found.event is None and found.problem is None:
                skipped += 1
                continue
            problem = found.problem
            if found.event is not None:
                try:
                    wanted[fingerprint(found.event)] += 1
                except FormatError as error:
                    problem = f"line {found.line}: {error.message}"
            if problem is not None:
                problems.append(problem)
            if len(problems) == PROBLEM_LIMIT:
                break
    except IntakeError as error:
        # The file is broken from there on: what was found before stands first.
        problems += error.problems or (error.message,)
    if problems:
        raise _refusal(problems)
    head = ledger.head
    return Plan(read, skipped, _count_known(ledger, wanted, head), head)


def carry_out(
    ledger: Ledger, reader: Reader, plan: Plan, progress: Callable[[int], None] | None = None
) -> Intake:
    """Append what the plan found to be new.

    What was appended before an error stays; a second intake adds the rest.
    """
    # The chain is locked from here on; if somebody wrote to it while a person was asked, the plan
    # is made anew.
    if ledger.engine.prepare(ledger.chain) != plan.head:
        plan = make_plan(ledger, reader)
    appended = 0
    for entries in ledger.append_groups(_fresh(reader, plan)):
        appended += len(entries)
        if progress is not None:
            progress(len(entries))
    return Intake(plan.read, plan.skipped_governing, plan.already_there, appended)


def fingerprint(event: Event) -> bytes:
    """16 bytes that two events share only if they are of one kind and have the same fields.

    Raises FormatError as appending would.
    """
    return _fingerprint(event.kind, event.fields)


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
            problems=("line 1: the file is in UTF-16: save it as UTF-8",),
        )
    number = 0
    while data := file.readline(LINE_LIMIT):
        number += 1
        if number == 1:
            data = data.removeprefix(b"\xef\xbb\xbf")
        if len(data) >= LINE_LIMIT:
            raise broken(
                number, f"longer than {LINE_LIMIT} bytes, which is more than any event takes"
            )
        if b"\0" in data:
            raise broken(number, "a NUL byte, which no text has")
        try:
            yield number, data.decode()
        except UnicodeDecodeError as error:
            raise broken(
                number, f"byte {error.start + 1} is not UTF-8: save the file as UTF-8"
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
            raise feed.explain(f"not CSV: {error}") from None
        if any(cells):
            yield feed.first, cells


def broken(line: int, what: str) -> IntakeError:
    """The error of a file that cannot be read beyond a line."""
    return IntakeError(
        "line {line}: {what}", line=line, what=what, problems=(f"line {line}: {what}",)
    )


def parse_json(text: str) -> Any:  # noqa: ANN401  (JSON has no better type)
    """The value of JSON `text`, numbers with a point or an exponent as exact decimals.

    Raises EventError for all that is doubtful.
    """
    try:
        value = json.loads(
            text,
            parse_float=Decimal,
            parse_constant=_refuse_constant,
            object_pairs_hook=_refuse_repeat,
        )
        if "\\u" in text:
            # `\ud800` alone is valid JSON, and no text.
            json.dumps(value, ensure_ascii=False, default=str).encode()
    except json.JSONDecodeError as error:
        raise EventError(
            "not JSON: {msg}{msg2}, at character {pos}",
            msg=error.msg[:1].lower(),
            msg2=error.msg[1:],
            pos=error.pos + 1,
        ) from None
    except RecursionError:
        raise EventError(
            "not JSON that an event can hold: too many arrays or objects in each other"
        ) from None
    except UnicodeEncodeError:
        raise EventError("not JSON that an event can hold: half of a surrogate pair") from None
    except (ValueError, InvalidOperation):
        raise EventError("not JSON that an event can hold: a number of too many digits") from None
    return value


def shorten(text: str) -> str:
    """A problem that fits a screen, whatever the file says."""
    return text if len(text) <= 300 else f"{text[:299]}…"


def _refusal(problems: list[str]) -> IntakeError:
    problems = [shorten(problem) for problem in problems[:PROBLEM_LIMIT]]
    count = (
        "at least 100 errors"
        if len(problems) == PROBLEM_LIMIT
        else "1 error"
        if len(problems) == 1
        else f"{len(problems)} errors"
    )
    return IntakeError(
        "{count} in the file; nothing was appended",
        count=count,
        problems=tuple(problems),
        hint="mend the file and import it again",
    )


def _count_known(ledger: Ledger, wanted: Counter[bytes], head: Head) -> Counter[bytes]:
    """Of each event wanted, how many the chain holds, at most as many as are wanted."""
    known: Counter[bytes] = Counter()
    if not wanted:
        return known
    for logged in ledger.read(stop=head.size):
        kind, body = logged.entry.header.kind, logged.body
        if is_governing(kind) or body is None or body.withheld:
            continue
        digest = _fingerprint(kind, body.fields())
        if known[digest] < wanted[digest] if digest in wanted else False:
            known[digest] += 1
    return known


def _fresh(reader: Reader, plan: Plan) -> Iterator[Event]:
    """The events of the file without those that the chain holds already.

    The chain holds the first of each kind of equal ones.
    """
    passed = plan.known.copy()
    for found in reader():
        if found.problem is not None:
            raise IntakeError(
                "the file changed while it was read; what was appended stays",
                problems=(found.problem,),
            )
        if found.event is None:
            continue
        digest = fingerprint(found.event) if passed else b""
        if digest in passed:
            passed[digest] -= 1
            if not passed[digest]:
                del passed[digest]
        else:
            yield found.event


def _fingerprint(kind: str, fields: Any) -> bytes:  # noqa: ANN401  (fields of a body that is full)
    # The salt is of no matter: this body is written nowhere. Laid out as a body, an event meets
    # every limit that appending sets.
    body, _ = commit(fields, bytes(SALT_BYTES))
    return sha256(kind.encode() + b"\0" + body).digest()[:16]


def _refuse_constant(name: str) -> Any:  # noqa: ANN401  (never returns)
    raise EventError("not JSON: {name} is no number", name=name)


def _refuse_repeat(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        twice = next(
            name for name, count in Counter(name for name, _ in pairs).items() if count > 1
        )
        raise EventError("{twice!r} stands twice in one object", twice=twice[:80])
    return value


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
            raise self.explain(f"a row of more than {LINE_LIMIT} characters")
        return text

    def explain(self, what: str) -> IntakeError:
        """What is wrong with this row: a quote that was opened and never closed, if that is it.

        It names the line on which the quote was opened.
        """
        opened = _find_open_quote("".join(self.row))
        if opened is not None:
            return broken(self.first + opened, "a double quote is opened here and never closed")
        if "new-line character" in what:
            what = "a carriage return without a line feed: save the file with usual line ends"
        return broken(self.first, what)


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
