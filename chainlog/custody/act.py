"""What one entry of custody says, by whom, and about which things.

What custody and audit are folded from.

An `Act` is an entry that verified and fits the vocabulary, with the person who signed it and what
other entries said of it: answers, and the correction that counts. A `Touch` is one act's word about
one thing; the touches of a thing are its history (docs/audit.md).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal, Inexact, InvalidOperation, Overflow
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

import msgspec

from chainlog.errors import EventError
from chainlog.events.event import Event, is_governing
from chainlog.events.kinds import CUSTODY, effect, kinds_that
from chainlog.events.roster import WITHHELD
from chainlog.events.things import format_item, format_lot

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chainlog.events.facts import Does

Fields: TypeAlias = dict[str, Any]
# Where in an event a thing is named. `around`: the act moves the container that the thing may be
# in; `unshown`: the act hides what it names, which may be the thing.
Part: TypeAlias = Literal["lines", "items", "container", "item", "around", "unshown"]
PARTS: Final[tuple[Part, ...]] = ("lines", "items", "container", "item")
# Kinds that answer another entry, and say nothing of things by themselves.
ANSWERS: Final = kinds_that("accepts", "vouches", "corrects", "answers")
HANDOVERS: Final = kinds_that("sends", "receives", "hands over")
SIGHTINGS: Final = kinds_that("receives", "counts", "inspects")
# Kinds after which things are no more with who had them, and those that move what is in a box.
LEAVINGS: Final = kinds_that("sends", "hands over", "ends", "loses")
MOVES: Final = HANDOVERS | LEAVINGS | kinds_that("finds")
# The papers of a consignment.
PAPERS: Final = kinds_that("announces", "sends", "receives")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MS: Final = timedelta(milliseconds=1)
DAY_MS: Final = 86_400_000
# Sums of decimals of 30 digits each, a million million of them, are exact; anything that would not
# be is an error of ours.
EXACT: Final = Context(
    prec=150, Emin=-999_999, Emax=999_999, traps=[Inexact, InvalidOperation, Overflow]
)
ZERO: Final = Decimal(0)


class ActSigner(msgspec.Struct, frozen=True):
    """Who signed an act, as the roster had it at that index.

    `programme`: the authority's chain (its own id in the authority's own).
    """

    chain: bytes
    key: bytes
    name: str
    party: str
    roles: tuple[str, ...]
    programme: bytes


class Act(msgspec.Struct, frozen=True, dict=True):
    """One entry of custody.

    `time`: its clock, `happened`: what it says, both in ms since the epoch. `fields` without what
    lists things.

    `answers`: the entries that accept, attest or correct it, in order (`Order`). `standing`:
    whether it counts as it is; of one replaced, `fields` and `kind` are the replacement's, and
    `correction` is the entry that says so. `lines`: how many things it lists. `withheld`: its
    fields that are not shown here, or not whole, by name.
    """

    id: bytes
    chain: bytes
    index: int
    time: int
    kind: str
    happened: int
    signer: ActSigner
    fields: Fields
    lines: int = 0
    answers: tuple[Act, ...] = ()
    standing: Literal["stands", "taken back", "replaced"] = "stands"
    correction: Act | None = None
    withheld: tuple[str, ...] = ()

    @property
    def does(self) -> Does:
        """What its kind does to custody."""
        return effect(self.kind)

    @property
    def giver(self) -> str:
        """The party that had the things before, where it says so."""
        return self._party_in(self.does.giver)

    @property
    def taker(self) -> str:
        """The party that has the things afterwards, where it says so."""
        return self._party_in(self.does.taker)

    @property
    def holder(self) -> str:
        """The party that has the things all the while, where it says so."""
        return self._party_in(self.does.holder)

    def _party_in(self, name: str) -> str:
        """Whom a field names; one that is withheld is a party of its own."""
        return self.text(name) or (WITHHELD if self.hides(name) else "")

    def cites(self) -> Iterator[tuple[bytes, tuple[str, ...]]]:
        """The entries that it names by id, each with the kinds that it must be of."""
        for name, kinds in self.does.cites.items():
            value = self.fields.get(name)
            for one in value if isinstance(value, list) else (value,):
                if isinstance(one, bytes):
                    yield one, kinds

    @property
    def party(self) -> str:
        """The body that acts.

        It is the one for which a recorder enters, or else the one that the roster names for the
        key.
        """
        if "recorder" in self.signer.roles:
            if self.hides("on_behalf_of"):
                return WITHHELD
            return self.text("on_behalf_of") or self.signer.party
        return self.signer.party

    @cached_property
    def accepted_by(self) -> dict[str, Act]:
        """By party, the last answer that accepts it."""
        return {
            one.party: one
            for one in self.answers
            if one.does.step == "accepts" and one.standing != "taken back"
        }

    @cached_property
    def answered_at(self) -> dict[tuple[bytes, bool], list[int]]:
        """By chain, the indexes at which it answers this one, proven or as a document says.

        Proven: by a citation that was signed so, and does not stand in another's place.
        """
        found: dict[tuple[bytes, bool], list[int]] = {}
        for one in (*self.answers, *((self.correction,) if self.correction else ())):
            way = one.chain, "entry" in one.fields and one.standing != "replaced"
            found.setdefault(way, []).append(one.index)
        return {way: sorted(indexes) for way, indexes in found.items()}

    @property
    def when(self) -> int:
        """When it happened, as far as can be believed: nothing happens after it was recorded."""
        return min(self.happened, self.time)

    @property
    def ids(self) -> tuple[bytes, ...]:
        """The entries that it rests on."""
        return (self.id,) if self.correction is None else (self.id, self.correction.id)

    @property
    def key(self) -> tuple[int, bytes, int]:
        """Its place among acts that nothing else orders."""
        return self.when, self.chain, self.index

    @property
    def physical(self) -> bool:
        """Whether somebody looked, with a scanner or a camera at hand."""
        return self.kind in SIGHTINGS and (
            self.fields.get("entry_mode") == "scan" or bool(self.fields.get("attachments"))
        )

    def hides(self, *names: str) -> bool:
        """Whether some of these fields is withheld: what it says, or that it is not there."""
        return not {*names}.isdisjoint(self.withheld)

    def text(self, name: str) -> str:
        """A field that is text, empty where it is not said."""
        value = self.fields.get(name)
        return value if isinstance(value, str) else ""


class Touch(msgspec.Struct, frozen=True):
    """What an act says of one thing.

    `at`: its place in the act; `line`: what stands beside the thing's name.
    """

    act: Act
    part: Part
    at: int
    line: Fields


@lru_cache(maxsize=65_536)
def milliseconds(moment: str) -> int:
    """An instant, or the beginning of a date, in milliseconds since the epoch."""
    read = datetime.fromisoformat(moment)
    return ((read.replace(tzinfo=UTC) if read.tzinfo is None else read) - _EPOCH) // _MS


def end_of(until: str) -> int:
    """The last millisecond of a date, or an instant, since the epoch.

    Until then what was given until then is in force.
    """
    return milliseconds(until) + (DAY_MS - 1 if len(until) == len("2023-03-01") else 0)


def plus(one: Decimal, other: Decimal) -> Decimal:
    """The exact sum."""
    return EXACT.add(one, other)


def total(amounts: Iterable[Decimal]) -> Decimal:
    """The exact sum of many."""
    result = ZERO
    for amount in amounts:
        result = EXACT.add(result, amount)
    return result


def format_decimal(number: Decimal) -> str:
    """A decimal as FORMAT.md 1 writes it."""
    text = f"{number:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def read_event(kind: str, fields: Fields, withheld: Iterable[str]) -> Event | None:
    """The event in `fields` where it fits the vocabulary of this version; None where it does not.

    What is withheld is left out; a withheld element of an array is None, the others are read.
    """
    if is_governing(kind):
        return None
    shown = {
        name: [one for one in value if one is not None] if isinstance(value, list) else value
        for name, value in fields.items()
    }
    hidden = {path.partition("/")[0] for path in withheld}
    try:
        return Event.parse_shown(kind, shown, hidden) if hidden else Event.parse(kind, fields)
    except EventError:
        return None


def things_in(fields: Fields) -> Iterator[tuple[str, Part, Fields]]:
    """The things that an event names: key, part and the line beside it, in the order of the event.

    The line of what goes in or out of a container names the container, and that of a quantity has
    `quantity` and `unit`, money too.
    """
    for line in fields.get("lines", ()):
        yield _line(line)
    container = fields.get("container")
    if container is not None:
        box = format_item(container) if isinstance(container, dict) else f"container:{container}"
        yield box, "container", {}
        for item in fields.get("items", ()):
            yield format_item(item), "items", {"container": box}
    if "item" in fields:
        yield format_item(fields["item"]), "item", {}


def _line(line: Fields) -> tuple[str, Part, Fields]:
    beside = {name: value for name, value in line.items() if name not in {"item", "lot"}}
    if "item" in line:
        return format_item(line["item"]), "lines", beside
    if "lot" in line:
        return format_lot(line["lot"]), "lines", beside
    beside |= {"quantity": beside.pop("amount"), "unit": beside.pop("currency")}
    return f"money:{beside['unit']}", "lines", beside


def without_things(fields: Fields) -> Fields:
    """An event's fields without those that list things; a replacement stays whole."""
    return {name: value for name, value in fields.items() if name not in PARTS}


def things_replaced(fields: Fields) -> Iterator[tuple[str, Part, Fields]]:
    """The things that a correction's replacement names, whatever kind it turns out to be.

    Those of a replacement within it are given too.
    """
    told = fields.get("replacement")
    while isinstance(told, dict):
        inner = {name: value for name, value in told.items() if name != "kind"}
        kinds = (
            [told["kind"]]
            if isinstance(told.get("kind"), str)
            else [shape.kind for shape in CUSTODY]
        )
        fitting = next(
            (event for kind in kinds if (event := read_event(kind, inner, ())) is not None), None
        )
        if fitting is not None:
            yield from things_in(fitting.fields)
        told = told.get("replacement")


def replacement_of(kind: str, fields: Fields) -> Event | None:
    """The event that a correction puts in the place of one of `kind`, or None.

    It is None where the correction puts none, or none that fits.
    """
    told = fields.get("replacement")
    if not isinstance(told, dict):
        return None
    own = told.get("kind", kind)
    return (
        read_event(own, {name: value for name, value in told.items() if name != "kind"}, ())
        if isinstance(own, str)
        else None
    )


def is_counted(correction: Act, target: Act | None) -> bool:
    """Whether a correction is the one by which the entry that it corrects counts.

    One that was itself corrected counts as what it was corrected to, by whoever did that.
    """
    author = correction.correction or correction
    return (
        target is not None and target.correction is not None and target.correction.id == author.id
    )


def may_correct(correction: Act, target: Act) -> bool:
    """Whether a correction takes effect.

    In the same chain by the same party or by an owner, or by an owner in the authority's chain.

    In another chain whoever owns it says for which party its keys sign, so the party's name alone
    proves nothing.
    """
    owner = "owner" in correction.signer.roles
    if correction.chain == target.chain:
        return owner or correction.party == target.party
    return owner and correction.chain == target.signer.programme
