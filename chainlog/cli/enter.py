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
from chainlog.cli.session import find_ledger, key_path, marks_folder, read_passphrase, say
from chainlog.errors import ChainlogError, EventError, LockedError, PassphraseError, StoreError, UnknownOutcomeError
from chainlog.event import is_governing
from chainlog.keyfile import read_key
from chainlog.ledger import Ledger
from chainlog.plain import ID_NAMES, from_plain, is_id, to_plain
from chainlog.vocabulary import KINDS
from chainlog.wording import SHORT_ID, format_event, format_item, format_line, parse_item, parse_lot, printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from chainlog.entry import Entry
    from chainlog.event import Event
    from chainlog.keys import Ed25519Signer

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
    def label(self) -> str:
        """The catalogue's key of what is asked."""
        return "field.entry" if self.form == "reference" else f"field.{self.name}"

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
    form = _FORMS.get(name, "id" if name in ID_NAMES else "text")
    values: tuple[str, ...] = ()
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
    match = _TIME.fullmatch(text)
    timed = match is None or match["hour"] is not None
    try:
        if match is None:
            at = datetime.fromisoformat(text)
            at = at if at.tzinfo else at.astimezone()
        else:
            year, month, day = (int(match[name] or match[f"{name}2"] or 0) for name in ("year", "month", "day"))
            on = date(year, month, day) if match["day"] or match["day2"] else now.date()
            at = datetime(on.year, on.month, on.day, int(match["hour"] or 0), int(match["minute"] or 0)).astimezone()
    except (ValueError, OverflowError):
        raise Wrong("date" if form == "date" else "time") from None
    if timed and form == "date":
        raise Wrong("date")
    return format_instant(at) if timed or form == "time" else at.date().isoformat()


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
            of = path[-1] if path[-1] in {"quantity", "amount", "currency"} else question.form
            said = {"quantity": "number", "amount": "number", "currency": "currency", "time": "time", "moment": "time", "date": "date"}
            raise Wrong(said.get(of, "text")) from None


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
        options = [(question, (self.text(question.label), question.name)) for question in asked]
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
            if question.form != "time" and not (question.form == "reference" and self.cite(answers[name])):
                self.last[question.memory] = answers[name]
        if answers[name] is None:
            del answers[name]

    def ask_one(self, question: Question, offered: Any, *, now: bool) -> Any:  # noqa: ANN401  (whatever its form holds)
        """One answer in one line, None for none; Enter takes what is offered."""
        options = self.options(question)
        told = f" ({' · '.join(f'{number} {names[0]}' for number, (_, names) in enumerate(options, 1))})" if options else ""
        told = f" ({' '.join(question.values)})" if question.form == "letter" else told
        now = now and question.form == "time" and offered is None
        shown = self.text("now") if now else self.shown(question, offered)
        prompt = self.text(question.label) + told + (f" [{shown}]" if shown else "")

        def read(text: str) -> Any:  # noqa: ANN401
            if not text and offered is not None:
                return offered
            if not question.needed and text in {"", "-"}:
                return None
            if not text and not now:
                raise Wrong("needed")
            value = self.read(question, text or self.text("now"))
            check(question, value)
            return value

        return self.until(prompt if question.needed else f"{prompt}, {self.text('remove')}", read)

    def options(self, question: Question) -> list[tuple[Any, tuple[str, ...]]]:
        """The answers that can be chosen by number, with their names."""
        if question.form == "yes":
            return [(value, self.names(f"value.{name}", name)) for name, value in (("yes", True), ("no", False))]
        return [(one, self.names(f"value.{one}", one)) for one in question.values] if question.form == "choice" else []

    def shown(self, question: Question, value: Any) -> str:  # noqa: ANN401
        """An answer in words, nothing for none."""
        if isinstance(value, dict):
            return format_item(value)
        chosen = [names[0] for one, names in self.options(question) if one == value]
        return chosen[0] if chosen else ", ".join(value) if isinstance(value, list) else str(value or "")

    def read(self, question: Question, text: str) -> Any:  # noqa: ANN401, PLR0911  (one branch a form)
        """What a person typed, in the form that an event holds it. Raises Wrong."""
        match question.form:
            case "time" | "moment" | "date":
                return self.read_moment(question.form, text)
            case "choice" | "yes":
                return pick(text, self.options(question))
            case "letter":
                if (letter := text.upper().translate(_LATIN)) not in question.values:
                    raise Wrong("letter", names=" ".join(question.values))
                return letter
            case "item":
                return read_line(text, self.like, item=True)
            case "container":
                return read_line(text, None, item=True) if "/" in text or text.startswith("uii:") else text
            case "id":
                return self.must_cite(text)
            case "ids":
                return [self.must_cite(one.strip()) for one in text.split(",") if one.strip()]
            case "currency":
                return text.upper()
            case _:
                return text

    def read_moment(self, form: str, text: str) -> str:
        """A time or a day; one that is still to come is remarked on."""
        now = datetime.fromtimestamp(self.ledger.clock() // 1000, UTC).astimezone()
        if text.casefold() in {*self.names("today", "today"), *(self.names("now", "now") if form == "date" else ())}:
            text = now.date().isoformat()
        moment = format_instant(now) if text.casefold() in self.names("now", "now") else read_time(text, now, form)
        if form == "time" and datetime.fromisoformat(moment) > now:
            self.tell("future")
        return moment

    def cite(self, text: str) -> str | None:
        """The id that a whole id, or a prefix of one that is held, means."""
        text = text.lower()
        if is_id(text):
            return text
        try:
            found = self.must_cite(text) if re.fullmatch(r"[0-9a-f]{8,}", text) else ""
        except Wrong:
            return None
        return found if found.startswith(text) and text else None

    def must_cite(self, text: str) -> str:
        """The id of the entry that an id, a prefix of one or a document means. Raises Wrong."""
        if is_id(text.lower()):
            return text.lower()
        try:
            chain, index = self.ledger.find(text)
            return self.ledger.entry(index, chain).entry.id.hex()
        except ChainlogError as error:
            raise Wrong("entry", reason="; ".join(filter(None, (error.message, error.hint)))) from None

    def ask_lines(self, question: Question, current: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Lines, or items, one by one; a blank one ends."""
        lines, item = list(current), question.form == "items"
        self.tell("items" if item else "lines")
        self.tell("lines_keys")

        def like() -> tuple[str, str] | None:
            named = [one if item else one.get("item", {}) for one in lines]
            return next(((one["maker"], one["part"]) for one in reversed(named) if "maker" in one), self.like)

        def read(text: str) -> bool:
            if not text and not lines and question.needed and (question.kind, question.name) not in _ASKED:
                raise Wrong("needed")
            if away := re.fullmatch(r"-([0-9]{0,4})", text):
                number = int(away[1] or len(lines))
                if not 1 <= number <= len(lines):
                    raise Wrong("gone", number=number)
                self.like = like()
                del lines[number - 1]
                self.list_lines(lines)
            elif text:
                line = read_line(text, like(), self.names("lot", "lot"), item=item)
                check(question, [line])
                if line in lines:
                    raise Wrong("twice", number=lines.index(line) + 1)
                lines.append(line)
            return bool(text)

        self.list_lines(lines)
        while True:
            before = like()
            told = f" [{format_item({'maker': before[0], 'part': before[1]})}…]" if before else ""
            if not self.until(f"{self.text('line', number=len(lines) + 1)}{told}", read):
                self.like = before
                return lines

    def list_lines(self, lines: Sequence[dict[str, Any]]) -> None:
        """Show lines with their numbers."""
        for number, line in enumerate(lines, 1):
            say(f"  {number:2} {format_line(line if 'item' in line or 'lot' in line or 'amount' in line else {'item': line})}")

    def ask_files(self, current: Sequence[str]) -> list[str]:
        """Paths of attachments, one by one."""
        paths = list(current)

        def read(text: str) -> bool:
            if text == "-" and paths:
                paths.pop()
            elif text:
                try:
                    path = Path(text.strip("'\"")).expanduser()
                    describe_file(path)
                except (ChainlogError, RuntimeError):
                    raise Wrong("file", path=text) from None
                paths.append(str(path))
            return bool(text)

        while self.until(" · ".join([*paths, self.text("file")]), read):
            pass
        return paths

    def ask_event(self, answers: dict[str, Any]) -> dict[str, Any] | None:
        """The event that takes the place of the one that is corrected; what that one says is offered, where it is held."""
        inner = dict(answers.get("replacement") or {})
        kind = inner.pop("kind", None)
        try:
            chain, index = self.ledger.find(answers["entry"])
            held = self.ledger.entry(index, chain)
            inner = inner or {name: value for name, value in to_plain(held.fields or {}).items() if value is not None}
            kind = kind or held.entry.header.kind
        except ChainlogError:
            held = None
        if kind is not None and is_governing(kind):
            self.tell("wrong.other_kind")
            return None
        self.tell("replacement")
        kind = kind if kind in KIND_ORDER else self.ask_kind()
        if kind is None:
            return None
        self.fill([one for one in questions(kind) if one.form not in {"event", "files"}], inner, now=False)
        return {"kind": kind, **inner}

    def build(self, kind: str, answers: dict[str, Any]) -> tuple[Event, list[tuple[Path, dict[str, Any]]]] | None:
        """The event that the answers make, shown in words, with its files; None where they make none."""
        plain = dict(answers)
        entry = self.cite(plain["document"]) if kind == "accept" else None
        if entry is not None:
            plain["entry"] = entry
            del plain["document"]
        try:
            files = [(path, describe_file(path)) for path in map(Path, plain.pop("attachments", []))]
            plain["attachments"] = [{**told, "sha256": told["sha256"].hex()} for _, told in files]
            event = parse_event(kind, plain)
        except ChainlogError as error:
            self.complain(error)
            return None
        say(self.in_words(kind, {**event.fields, **({"lines": []} if plain.get("lines") == [] else {})}))
        return event, files

    def in_words(self, kind: str, fields: dict[str, Any]) -> str:
        """An event as `wording` says it, its labels and choices in this language."""
        text = format_event(kind, fields)
        if self.language == "en":
            return text
        shown = [f"{self.text(f'kind.{kind}')} — {self.text(f'about.{kind}')}"]
        asked = {"when" if one.form == "time" else one.name.replace("_", " "): one for one in questions(kind)}
        for line in text.splitlines()[1:]:
            label, _, rest = line.strip().partition(":")
            question = asked.get(label) if line[2:3] != " " else None
            if question is not None:
                chosen = {names[-1]: names[0] for _, names in self.options(question)}
                shown.append(f"  {self.text(f'field.{question.name}')}: {chosen.get(rest.strip(), rest.strip())}")
            else:
                shown.append(line)
        return "\n".join(shown)

    def record(self, event: Event, files: Sequence[tuple[Path, dict[str, Any]]]) -> bool:
        """Sign and append an event and say its id; or say why not, and whether it may be there all the same."""
        with _uninterrupted():
            try:
                before, entry = self.unsettled, self.settle()
                if before is not None and entry is not None:
                    self.tell("was_recorded", index=entry.header.index)
                    self.acknowledge(entry)
                    return before[1] == event
                self.acknowledge(self.append(event, files))
            except ChainlogError as error:
                self.complain(error)
                self.tell("unknown" if self.unsettled else "not_recorded")
                return False
            self.busy = False
        return True

    def append(self, event: Event, files: Sequence[tuple[Path, dict[str, Any]]]) -> Entry:
        """Keep the attachments, then the event. After a write of unknown outcome the chain is read back."""
        self.ledger.append_many([])
        for path, told in files:
            if self.ledger.attach(path, told["type"]) != told:
                raise StoreError(f"{path} changed while it was read", hint="try again once it is whole")
        size = self.ledger.head.size
        try:
            return self.ledger.append(event)
        except StoreError as error:
            if not isinstance(error, UnknownOutcomeError) and self.ledger.head.size == size:
                raise
            self.unsettled = size, event
            try:
                entry = self.settle()
            except ChainlogError:
                entry = None
            if entry is None:
                raise
            return entry

    def settle(self) -> Entry | None:
        """Open the ledger anew, recover it, and find the event whose outcome is unknown."""
        if self.unsettled is None:
            return None
        self.ledger.close()
        self.ledger = self.reopen()
        self.ledger.append_many([])
        (size, event), self.unsettled = self.unsettled, None
        found = (one.entry for one in self.ledger.read(size) if one.entry.header.kind == event.kind and one.fields == event.fields)
        return next((entry for entry in found if entry.header.author == self.author), None)

    def acknowledge(self, entry: Entry) -> None:
        """Say that an event is recorded."""
        self.recorded += 1
        click.echo(entry.id.hex()[:SHORT_ID])
        self.tell("recorded", index=entry.header.index)
        while self.ledger.notices:
            self.tell("notice", text=self.ledger.notices.pop(0))


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Ctrl-C waits until what is being written is written and said: nobody is told that it was discarded when it was not."""
    caught: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _frame: caught.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if caught:
            raise KeyboardInterrupt


def unlock(talk: Talk, key: Path) -> Ed25519Signer:
    """The signer in a key file; a passphrase that is typed wrong is asked for again."""
    typed = sys.stdin.isatty() and not os.environ.get("CHAINLOG_PASSPHRASE_FILE")
    for left in reversed(range(_ATTEMPTS)):
        try:
            return read_key(key, lambda: read_passphrase(talk.text("passphrase", name=key.name)))
        except PassphraseError as error:
            if not typed or not left:
                raise
            talk.complain(error)
    raise AssertionError


@click.command(short_help="record events by answering questions")
@click.pass_context
def enter(ctx: click.Context) -> int:
    """Record events by answering questions: the key is unlocked once, and the last answers are offered again."""
    if hasattr(sys.stdin, "reconfigure"):
        sys.stdin.reconfigure(encoding="utf-8", errors="surrogateescape")
    talk = Talk(language())
    folder = find_ledger(ctx)
    key = key_path(ctx, folder)
    signer = unlock(talk, key)
    sitting = Sitting(talk.language, lambda: Ledger.open(folder, signer, marks=marks_folder(key)))
    try:
        sitting.begin()
        return sitting.run()
    finally:
        sitting.ledger.close()


COMMANDS: Final = {"enter": enter}
