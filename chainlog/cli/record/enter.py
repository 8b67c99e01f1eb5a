"""`chainlog enter`: a person records many events in one sitting.

One unlock, short questions, the last answers offered again.

Questions and prose go to stderr, the short id of each recorded event to stdout. What was recorded
stays, however the sitting ends: 0 after `quit` or the end of input between two events, 130 after
Ctrl-C or where the input ends within an event.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from chainlog.cli.input import describe_file, parse_event
from chainlog.cli.output import say
from chainlog.cli.record.dialog.ask import Asking
from chainlog.cli.record.dialog.citation import cite
from chainlog.cli.record.dialog.questions import questions
from chainlog.cli.session import (
    ask_only_copy,
    find_ledger,
    key_path,
    read_passphrase,
    user_state,
    warn_beside,
)
from chainlog.cli.talk import Talk, pick
from chainlog.errors import (
    ChainlogError,
    LockedError,
    PassphraseError,
    StoreError,
    UnknownOutcomeError,
)
from chainlog.events.kinds import effect
from chainlog.events.wording import SHORT_ID, format_time, printable
from chainlog.export.words.catalogue import language
from chainlog.export.words.events import format_event
from chainlog.ledger.ledger import Ledger
from chainlog.ledger.signers.files import read_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from chainlog.events.event import Event
    from chainlog.format.entry import Entry
    from chainlog.format.keys import Signer
    from chainlog.index.advice.offers import Sending


# How often a passphrase may be typed wrong.
ATTEMPTS: Final = 3
# So many shipments on their way are listed, the latest first.
ARRIVALS: Final = 9


class Sitting(Asking):
    """One sitting: the events that are asked for, and those that were recorded.

    `reopen` opens the ledger anew.
    """

    author: bytes
    recorded: int
    busy: bool
    own: str
    parties: None
    ledger: Ledger

    def __init__(self, spoken: str, reopen: Callable[[], Ledger]) -> None:
        super().__init__(spoken, reopen())
        self.reopen = reopen
        self.author = b"" if self.ledger.signer is None else self.ledger.signer.key_id
        self.recorded = 0
        self.busy = False
        self.unsettled: tuple[int, Event] | None = None

    def begin(self) -> None:
        """Say who signs.

        What would keep every event from being recorded is raised now, and not after twenty answers.
        """
        try:
            self.ledger.append_many([])
        except LockedError as error:
            self.complain(error)
        roster = self.ledger.roster()
        roster.check_custody(self.ledger.head.size, self.author)
        grant = roster.keys[self.author]
        self.own = grant.party
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
                what = (
                    self.between(lambda: self.choose("next", ("again", "another", "quit"), "again"))
                    or "quit"
                )
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

    def one(self, kind: str) -> None:
        """One event, until it is recorded or discarded."""
        answers: dict[str, Any] = {"entry_mode": self.last.get("entry_mode", "manual")}
        self.parties = None
        self.known.renew()
        given = self.arrived(kind, answers) if effect(kind).step == "receives" else ()
        self.fill(questions(kind), answers, given=given)
        while True:
            built = self.build(kind, answers)
            for text in self.known.foresee([built[0]], self.author)[0] if built else ():
                self.tell("foreseen", text=text)
            what = self.choose(
                "record", ("yes", "change", "discard") if built else ("change", "discard")
            )
            if what == "change":
                self.menu("change", questions(kind), answers)
            elif what == "discard":
                self.tell("discarded")
                return
            elif built and self.record(*built):
                return

    def arrived(self, kind: str, answers: dict[str, Any]) -> Sequence[str]:
        """Offer the shipments on their way here; what the one that came says goes to `answers`.

        Gives the fields not to be asked.
        """
        chain, own = self.ledger.chain, self.own
        sendings = self.known.offer(
            lambda offers: offers.sendings({own, *offers.bodies[chain].parties})
        )
        if not sendings:
            return ()
        self.tell("arrivals")
        options = [(one, (one.act.text("document"),)) for one in reversed(sendings)]
        for number, (one, _) in enumerate(options[:ARRIVALS], 1):
            party, document = printable(one.act.giver), printable(one.act.text("document"))
            day = format_time(one.act.when)[: len("2023-03-01")]
            told = self.text(
                "arrival_of", document=document, party=party, day=day, count=len(one.lines)
            )
            say(f"  {number:2} {told}")

        def read(text: str) -> Sending | None:
            named = [one for one, (document,) in options if document == text]
            return named[0] if named else pick(text, options[:ARRIVALS]) if text else None

        chosen = self.until(self.text("arrival"), read)
        if chosen is None:
            return ()
        giver, taker = effect(kind).giver, effect(kind).taker
        answers |= {giver: chosen.act.giver, taker: chosen.act.taker}
        answers |= {"document": chosen.act.text("document"), "dispatch": chosen.act.id.hex()}
        answers |= {"lines": list(chosen.lines)}
        self.tell("arrival_lines")
        return giver, taker

    def build(
        self, kind: str, answers: dict[str, Any]
    ) -> tuple[Event, list[tuple[Path, dict[str, Any]]]] | None:
        """The event that the answers make, shown in words, with its files.

        None where they make none.
        """
        plain = dict(answers)
        entry = cite(self.ledger, plain["document"]) if effect(kind).step == "accepts" else None
        if entry is not None:
            plain["entry"] = entry
            del plain["document"]
        try:
            files = [
                (path, describe_file(path)) for path in map(Path, plain.pop("attachments", []))
            ]
            plain["attachments"] = [{**told, "sha256": told["sha256"].hex()} for _, told in files]
            event = parse_event(kind, plain, lambda text: self.tell("notice", text=text))
        except ChainlogError as error:
            self.complain(error)
            return None
        say(
            format_event(
                kind, {**event.fields, **({"lines": []} if plain.get("lines") == [] else {})}
            )
        )
        return event, files

    def record(self, event: Event, files: Sequence[tuple[Path, dict[str, Any]]]) -> bool:
        """Sign and append an event and say its id.

        Or say why not, and whether it may be there all the same.
        """
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
        """Keep the attachments, then the event.

        After a write of unknown outcome the chain is read back.
        """
        self.ledger.append_many([])
        for path, told in files:
            if self.ledger.attach(path, told["type"]) != told:
                raise StoreError(
                    "{path} changed while it was read", path=path, hint="try again once it is whole"
                )
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
        found = (
            one.entry
            for one in self.ledger.read(size)
            if one.entry.header.kind == event.kind and one.fields == event.fields
        )
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
    """Ctrl-C waits until what is being written is written and said.

    Nobody is told that it was discarded when it was not.
    """
    caught: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _frame: caught.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if caught:
            raise KeyboardInterrupt


def unlock(talk: Talk, key: Path) -> Signer:
    """The signer in a key file; a passphrase that is typed wrong is asked for again."""
    typed = sys.stdin.isatty() and not os.environ.get("CHAINLOG_PASSPHRASE_FILE")
    for left in reversed(range(ATTEMPTS)):
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
    """Record events by answering questions.

    The key is unlocked once, and the last answers are offered again.
    """
    if hasattr(sys.stdin, "reconfigure"):
        sys.stdin.reconfigure(encoding="utf-8", errors="surrogateescape")
    talk = Talk(language())
    folder = find_ledger(ctx)
    key = key_path(ctx, folder)
    signer, marks = unlock(talk, key), user_state(ctx).marks
    with Ledger.open(folder, signer, marks=marks) as ledger:
        ask_only_copy(ledger)
        warn_beside(ledger)
    sitting = Sitting(talk.language, lambda: Ledger.open(folder, signer, marks=marks))
    try:
        sitting.begin()
        return sitting.run()
    finally:
        sitting.known.close()
        sitting.ledger.close()


PLACE: Final = 10
SUMMARY: Final = "record events by answering questions"
COMMAND: Final[click.Command] = enter
