"""`chainlog enter`: a person records many events in one sitting: one unlock, short questions, the last answers offered again.

Questions and prose go to stderr, the short id of each recorded event to stdout. What was recorded stays, however the sitting ends:
0 after `quit` or the end of input between two events, 130 after Ctrl-C or where the input ends within an event.
"""

from __future__ import annotations

import os
import re
import signal
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from msgspec import inspect

from chainlog.cli.add import describe_file, parse_event
from chainlog.cli.messages import CATALOGUE, Talk, Wrong, language, pick
from chainlog.cli.session import find_ledger, key_path, marks_folder, read_passphrase, say, warn
from chainlog.errors import ChainlogError, EventError, LockedError, PassphraseError, StoreError, UnknownOutcomeError
from chainlog.event import is_governing
from chainlog.keyfile import read_key
from chainlog.ledger import Ledger
from chainlog.plain import ID_NAMES, from_plain, to_plain
from chainlog.vocabulary import KINDS
from chainlog.wording import SHORT_ID, format_event, format_item, format_line, parse_item, parse_lot, printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from chainlog.entry import Entry
    from chainlog.event import Event

# Most used first, as the catalogue has them.
KIND_ORDER: Final = tuple(key.removeprefix("kind.") for key in CATALOGUE["en"] if key.startswith("kind."))
# Asked with one memory in all kinds; other answers are offered again within their kind.
_SHARED: Final = frozenset({"from", "to", "holder", "place", "document", "on_behalf_of", "entry_mode"})
_FORMS: Final = {
    "event_time": "time", "since": "moment", "until": "moment", "lost_on": "date", "discovered_on": "date", "amount": "number",
    "currency": "currency", "item": "item", "container": "container", "entries": "ids", "lines": "lines", "items": "items",
    "attachments": "files", "replacement": "event",
}  # fmt: skip
_ROUNDS: Final = frozenset({"lines", "items", "files", "event"})
# Not required by the vocabulary, and still asked: none seen is said by giving none. An accept names what it accepts.
_ASKED: Final = frozenset({("receive", "lines"), ("inventory", "lines"), ("accept", "document")})
_ATTEMPTS: Final = 3
# Letters that look the same, from a Ukrainian keyboard.
_LATIN: Final = str.maketrans("АВЕСН", "ABECH")
_DAY: Final = r"(?:(?P<year>\d{4})-(?P<month>\d\d?)-(?P<day>\d\d?)|(?P<day2>\d\d?)\.(?P<month2>\d\d?)\.(?P<year2>\d{4}))"
_TIME: Final = re.compile(rf"(?:{_DAY}(?:[ T]+|$))?(?:(?P<hour>\d\d?):(?P<minute>\d\d))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Question:
    """How one field of a kind is asked: `form` says how its answer is read, `values` what it may be where that is fixed."""

    kind: str
    name: str
    needed: bool
    form: str
    values: tuple[str, ...] = ()

    @property
    def memory(self) -> str:
        """Questions with the same memory offer each other's answers."""
        return self.name if self.name in _SHARED else f"{self.kind}.{self.name}"


def questions(kind: str) -> list[Question]:
    """The questions of a kind: when, what is needed, with the long ones last; then what may be said besides."""
    told = inspect.type_info(KINDS[kind])
    assert isinstance(told, inspect.StructType)
    found = [_question(kind, one) for one in told.fields if (kind, one.encode_name) != ("accept", "entry")]
    return sorted(found, key=lambda one: (one.form != "time", not one.needed, 2 if one.form in _ROUNDS else one.form == "yes"))


def _question(kind: str, told: inspect.Field) -> Question:
    name, of = told.encode_name, told.type
    form, values = _FORMS.get(name, "id" if name in ID_NAMES else "text"), ()
    if isinstance(of, inspect.LiteralType):
        values = tuple(str(one) for one in of.values)
        form = "letter" if len(values[0]) == 1 else "choice"
    elif isinstance(of, inspect.BoolType):
        form = "yes"
    elif (kind, name) == ("accept", "document"):
        form = "reference"
    return Question(kind, name, told.required or (kind, name) in _ASKED, form, values)


def read_time(text: str, now: datetime, form: str = "time") -> str:
    """An instant as it is loosely typed, with this machine's offset; a day alone stays a date unless `form` is `time`. Raises Wrong."""
    try:
        match = _TIME.fullmatch(text)
        if match is None:
            if form == "date" or datetime.fromisoformat(text).tzinfo is None:
                raise ValueError(text)
            return text
        year, month, day = (int(match[name] or match[f"{name}2"] or 0) for name in ("year", "month", "day"))
        on = date(year, month, day) if match["day"] or match["day2"] else now.date()
        if form != "time" and match["hour"] is None:
            return on.isoformat()
        if form == "date":
            raise ValueError(text)
        return format_instant(datetime(on.year, on.month, on.day, int(match["hour"] or 0), int(match["minute"] or 0)).astimezone())
    except (ValueError, OverflowError):
        raise Wrong("date" if form == "date" else "time") from None


def format_instant(at: datetime) -> str:
    """An instant as an event holds it."""
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")


def read_line(text: str, like: tuple[str, str] | None, lot_words: Sequence[str] = ("lot",), *, item: bool = False) -> dict[str, Any]:
    """A line as it is typed, or with `item` the item alone; a bare serial is `like` the maker and part before it. Raises Wrong."""
    words = text.split()
    lot = not item and words[0].casefold() in lot_words
    if not item and re.fullmatch(r"[+-]?[0-9.]+ [A-Za-z]{3}", " ".join(words)):
        return {"amount": words[0], "currency": words[1].upper()}
    form = "lot" if lot else "item" if item else "line"
    if not lot and "/" not in text and not text.startswith("uii:"):
        if len(words) > 1:
            raise Wrong(form)
        if like is None:
            raise Wrong("first")
        text = format_item({"maker": like[0], "part": like[1]}) + text
    try:
        if lot:
            return parse_lot(":".join([*words[1:3], " ".join(words[3:])]))
        return parse_item(text) if item else {"item": parse_item(text)}
    except EventError:
        raise Wrong(form) from None


def check(question: Question, value: object) -> None:
    """Raise Wrong where the vocabulary refuses a value, whatever else the event still lacks."""
    try:
        from_plain(question.kind, {question.name: value})
    except EventError as error:
        path = re.split(r"[.\[]", error.field)
        if path[0] == question.name:
            form = {"quantity": "number", "amount": "number", "currency": "currency"}.get(path[-1], "text")
            raise Wrong(form) from None


class Sitting(Talk):
    """One sitting: what is answered again and again, and the events that were recorded. `reopen` opens the ledger anew."""

    def __init__(self, spoken: str, reopen: Callable[[], Ledger]) -> None:
        super().__init__(spoken)
        self.reopen = reopen
        self.ledger = reopen()
        self.author = b"" if self.ledger.signer is None else self.ledger.signer.key_id
        self.last: dict[str, Any] = {}
        self.like: tuple[str, str] | None = None
        self.recorded = 0
        self.busy = False
        self.unsettled: tuple[int, Event] | None = None

    def begin(self) -> None:
        """Say who signs. What would keep every event from being recorded is raised now, and not after twenty answers."""
        try:
            self.ledger.append_many([])
        except LockedError as error:
            self.complain(error)
        roster = self.ledger.roster()
        roster.check_custody(self.ledger.head.size, self.author)
        grant = roster.keys[self.author]
        self.tell("welcome", name=printable(grant.name), party=printable(grant.party))
        self.tell("welcome_keys")

    def run(self) -> int:
        """Event after event; the exit code."""
        code, kind = 0, None
        try:
            while kind := kind or self.between(self.ask_kind):
                self.busy = True
                self.one(kind)
                self.busy = False
                what = self.between(lambda: self.choose("next", ("again", "another", "quit"), "again")) or "quit"
                if what == "quit":
                    break
                kind = kind if what == "again" else None
        except (KeyboardInterrupt, EOFError):
            say("")
            code = 130
            if self.busy and self.unsettled is None:
                self.tell("stopped")
        if self.unsettled is not None:
            self.tell("unknown")
        self.tell("kept", count=self.recorded)
        return code

    def between(self, ask: Callable[[], str | None]) -> str | None:
        """An answer between two events, where the end of input is no interruption."""
        try:
            return ask()
        except EOFError:
            say("")
            return None

    def ask_kind(self) -> str | None:
        """Which kind, None for no more."""
        options = [(kind, self.names(f"kind.{kind}", kind)) for kind in KIND_ORDER]
        self.tell("kinds")
        for number, (kind, names) in enumerate(options, 1):
            say(f"  {number:2} {names[0]} — {self.text(f'about.{kind}')}")
        away = {"q", *(name.casefold() for name in self.names("choice.quit", "quit"))}
        return self.until(self.text("kind"), lambda text: None if text.casefold() in away else pick(text, options))

    def one(self, kind: str) -> None:
        """One event, until it is recorded or discarded."""
        answers: dict[str, Any] = {"entry_mode": self.last.get("entry_mode", "manual")}
        self.fill(questions(kind), answers)
        while True:
            built = self.build(kind, answers)
            what = self.choose("record", ("yes", "change", "discard") if built else ("change", "discard"))
            if what == "change":
                self.menu("change", questions(kind), answers)
            elif what == "discard":
                self.tell("discarded")
                return
            elif built and self.record(*built):
                return

    def fill(self, asked: Sequence[Question], answers: dict[str, Any], *, now: bool = True) -> None:
        """Ask what is needed, then offer the rest. `now`: whether this moment is offered as the event's."""
        for question in asked:
            if question.needed:
                self.ask(question, answers, now=now)
        self.menu("more", [question for question in asked if not question.needed], answers)

    def menu(self, key: str, asked: Sequence[Question], answers: dict[str, Any]) -> None:
        """Let a person choose questions, one after the other."""
        options = [(question, (self.text(f"field.{question.name}"), question.name)) for question in asked]
        say("  " + " · ".join(f"{number} {names[0]}" for number, (_, names) in enumerate(options, 1)))
        while question := self.until(self.text(key), lambda text: pick(text, options) if text else None):
            self.ask(question, answers)

    def ask(self, question: Question, answers: dict[str, Any], *, now: bool = False) -> None:
        """Ask one question; its answer goes to `answers`, or leaves them."""
        name, current = question.name, answers.get(question.name)
        if question.form in {"lines", "items"}:
            answers[name] = self.ask_lines(question, current or [])
        elif question.form == "files":
            answers[name] = self.ask_files(current or [])
        elif question.form == "event":
            answers[name] = self.ask_event(answers)
        else:
            answers[name] = self.ask_one(question, self.last.get(question.memory) if current is None else current, now=now)
            if question.form not in {"time", "reference"} or self.cite(answers[name]) is None:
                self.last[question.memory] = answers[name]
        if answers[name] is None:
            del answers[name]
