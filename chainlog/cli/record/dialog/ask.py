"""Asking for an event's fields, one question after the other.

The last answers, and what the ledger knows, are offered.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from chainlog.cli.input import describe_file
from chainlog.cli.output import say
from chainlog.cli.record.dialog.advice import Knowing
from chainlog.cli.record.dialog.citation import cite, must_cite
from chainlog.cli.record.dialog.lines import LineAsking
from chainlog.cli.record.dialog.questions import (
    KIND_ORDER,
    LATIN,
    Question,
    check,
    questions,
    read_line,
    read_much,
    read_time,
)
from chainlog.cli.talk import Talk, Wrong, pick
from chainlog.errors import ChainlogError
from chainlog.events.event import is_governing
from chainlog.events.kinds import effect
from chainlog.events.plain_json import to_plain
from chainlog.events.things import format_item
from chainlog.events.wording import printable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from chainlog.events.door.moments import Form
    from chainlog.ledger.ledger import Ledger


# So many known parties are shown with a question; all can be named by how they begin.
_SHOWN: Final = 6


def _numbered(names: Iterable[str]) -> str:
    return " · ".join(f"{number} {name}" for number, name in enumerate(names, 1))


class Asking(Talk):
    """What is answered again and again.

    `ledger`: where citations are looked up, and whose clock is asked; `known`: what it knows.

    `own`: the party for which the signer signs.
    """

    known: Knowing

    def __init__(self, spoken: str, ledger: Ledger) -> None:
        super().__init__(spoken)
        self.ledger = ledger
        self.last: dict[str, Any] = {}
        self.like: tuple[str, str] | None = None
        self.known = Knowing(self, lambda: self.ledger, lambda text: self.tell("notice", text=text))
        self.own = ""
        self.parties: list[str] | None = None

    def ask_kind(self) -> str | None:
        """Which kind, None for no more."""
        options = [(kind, self.names(f"kind.{kind}", kind)) for kind in KIND_ORDER]
        self.tell("kinds")
        for number, (kind, names) in enumerate(options, 1):
            say(f"  {number:2} {names[0]} — {self.text(f'about.{kind}')}")
        away = {"q", *(name.casefold() for name in self.names("choice.quit", "quit"))}
        return self.until(
            self.text("kind"), lambda text: None if text.casefold() in away else pick(text, options)
        )

    def fill(
        self,
        asked: Sequence[Question],
        answers: dict[str, Any],
        *,
        now: bool = True,
        given: Collection[str] = (),
    ) -> None:
        """Ask what is needed, then offer the rest.

        `now`: whether this moment is offered as the event's; `given`: what is known already.
        """
        for question in asked:
            if question.needed and question.name not in given:
                self.ask(question, answers, now=now)
        self.menu("more", [question for question in asked if not question.needed], answers)

    def menu(self, key: str, asked: Sequence[Question], answers: dict[str, Any]) -> None:
        """Let a person choose questions, one after the other."""
        options = [(question, (self.text(question.label), question.name)) for question in asked]
        say(f"  {_numbered(names[0] for _, names in options)}")
        while question := self.until(
            self.text(key), lambda text: pick(text, options) if text else None
        ):
            self.ask(question, answers)

    def ask(self, question: Question, answers: dict[str, Any], *, now: bool = False) -> None:
        """Ask one question; its answer goes to `answers`, or leaves them."""
        name, current = question.name, answers.get(question.name)
        if question.form in {"lines", "items"}:
            giver = answers.get("from") or answers.get("holder") or self.own
            answers[name] = LineAsking(self, question, current or [], giver).ask()
        elif question.form == "files":
            answers[name] = self.ask_files(current or [])
        elif question.form == "event":
            answers[name] = self.ask_event(answers)
        else:
            answers[name] = self.ask_one(
                question, self.last.get(question.memory) if current is None else current, now=now
            )
            if question.form != "time" and not (
                question.form == "reference" and cite(self.ledger, answers[name])
            ):
                self.last[question.memory] = answers[name]
        if answers[name] is None:
            del answers[name]

    def ask_one(self, question: Question, offered: Any, *, now: bool) -> Any:  # noqa: ANN401  (whatever its form holds)
        """One answer in one line, None for none; Enter takes what is offered."""
        options = self.options(question)
        told = f" ({_numbered(names[0] for _, names in options)})" if options else ""
        told = f" ({' '.join(question.values)})" if question.form == "letter" else told
        if question.form == "party":
            self.show_parties(question)
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
            value = (
                self.read_party(question, text)
                if question.form == "party"
                else self.read(question, text or self.text("now"))
            )
            return check(question, value)

        return self.until(prompt if question.needed else f"{prompt}, {self.text('remove')}", read)

    def options(self, question: Question) -> list[tuple[Any, tuple[str, ...]]]:
        """The answers that can be chosen by number, with their names."""
        if question.form == "yes":
            return [
                (value, self.names(f"value.{name}", name))
                for name, value in (("yes", True), ("no", False))
            ]
        return (
            [(one, self.names(f"value.{one}", one)) for one in question.values]
            if question.form == "choice"
            else []
        )

    def shown(self, question: Question, value: Any) -> str:  # noqa: ANN401
        """An answer in words, nothing for none."""
        if isinstance(value, dict):
            return format_item(value)
        chosen = [names[0] for one, names in self.options(question) if one == value]
        return (
            chosen[0]
            if chosen
            else ", ".join(value)
            if isinstance(value, list)
            else str(value or "")
        )

    def read(self, question: Question, text: str) -> Any:  # noqa: ANN401, C901, PLR0911  (one branch a form)
        """What a person typed, in the form that an event holds it. Raises Wrong."""
        match question.form:
            case "time" | "moment" | "date":
                return self.read_moment(question.form, text)
            case "choice" | "yes":
                return pick(text, self.options(question))
            case "letter":
                if (letter := text.upper().translate(LATIN)) not in question.values:
                    raise Wrong("letter", names=" ".join(question.values))
                return letter
            case "item":
                return read_line(self.whole(text, self.like), self.like, item=True)
            case "container":
                return (
                    read_line(text, None, item=True)
                    if "/" in text or text.startswith("uii:")
                    else text
                )
            case "id":
                return must_cite(self.ledger, text)
            case "ids":
                return [
                    must_cite(self.ledger, one.strip()) for one in text.split(",") if one.strip()
                ]
            case "number":
                return read_much(text)
            case "currency":
                return text.upper()
            case _:
                return text

    # What the ledger knows

    def parties_for(self, question: Question) -> list[str]:
        """The known parties, the likely ones first.

        One's own gives what is sent, and takes what is received.
        """
        if self.parties is None:
            self.parties = self.known.offer(lambda offers: offers.parties())
        own = [one for one in self.parties if one == self.own]
        others = [one for one in self.parties if one != self.own]
        does = effect(question.kind)
        gives = (question.name == does.taker) == (does.step == "receives")
        return own + others if gives else others + own

    def show_parties(self, question: Question) -> None:
        """The first known parties, to be picked by number."""
        shown = self.parties_for(question)[:_SHOWN]
        if shown:
            say(f"  {_numbered(map(printable, shown))}")

    def read_party(self, question: Question, text: str) -> str:
        """The party that a number means, or the beginning of one name alone.

        Otherwise the text itself. Raises Wrong.
        """
        parties = self.parties_for(question)
        if text.startswith("="):
            return text[1:].strip()
        if text.isdecimal() and len(text) < 3 and parties:
            return pick(text, [(party, (party,)) for party in parties[:_SHOWN]])
        if text in parties:
            return text
        exact = [party for party in parties if party.casefold() == text.casefold()]
        found = exact or [
            party for party in parties if party.casefold().startswith(text.casefold())
        ]
        if len(found) > 1:
            self.tell("party_new", names=printable(", ".join(found[:_SHOWN])))
        elif found:
            self.tell("party_as", party=printable(found[0]), typed=text)
        return found[0] if len(found) == 1 else text

    def whole(self, text: str, like: tuple[str, str] | None, *, new: bool = False) -> str:
        """A bare serial as the whole item where just one known item has it, all else as it is.

        Raises Wrong where several have it.

        `like`: the maker and part before it, which come first where such an item is known, and for
        things that are `new`.
        """
        if (
            "/" in text
            or text.startswith("uii:")
            or len(text.split()) != 1
            or (new and like is not None)
        ):
            return text
        found = self.known.ask(lambda items: items.views.named(text))
        if not found and not new:
            found = self.known.ask(lambda items: items.views.folded(text))
        own = (
            []
            if like is None
            else [format_item({"maker": like[0], "part": like[1], "serial": text})]
        )
        if not found or set(own) & set(found):
            return text
        if len(found) > 1:
            raise Wrong("one_of", names=printable(", ".join(found[:_SHOWN])))
        self.tell("taken_as", text=printable(found[0]))
        return found[0]

    def read_moment(self, form: Form, text: str) -> str:
        """A time or a day; one that is still to come is remarked on."""
        now = datetime.fromtimestamp(self.ledger.clock() // 1000, UTC).astimezone()
        moment = read_time(text, now, form)
        if form == "time" and datetime.fromisoformat(moment) > now:
            self.tell("future")
        return moment

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
        """The event that takes the place of the one that is corrected.

        What that one says is offered, where it is held.
        """
        inner = dict(answers.get("replacement") or {})
        kind = inner.pop("kind", None)
        try:
            chain, index = self.ledger.find(answers["entry"])
            held = self.ledger.entry(index, chain)
            inner = inner or {
                name: value
                for name, value in to_plain(held.fields or {}).items()
                if value is not None
            }
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
        self.fill(
            [one for one in questions(kind) if one.form not in {"event", "files"}], inner, now=False
        )
        return {"kind": kind, **inner}
