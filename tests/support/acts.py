"""Acts without ledgers: what people say, as custody and audit fold it.

So a test can tell any story, in any order.

    told = Acting()
    # In the chain `depot`, at the fifth hour.
    told.say("depot", "transfer", 5, from_="depot", to="brigade", lines=[item("SN-1")])
    fold_item(key("SN-1"), told.touches(key("SN-1")))

Every event is parsed, so that only what a ledger may hold can be told. A chain's custodian signs
for a party named like the chain.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256

import msgspec
from support.programmes import item, key, lot

from chainlog.custody.act import (
    ANSWERS,
    HANDOVERS,
    Act,
    ActSigner,
    Touch,
    milliseconds,
    things_in,
    without_things,
)
from chainlog.custody.order import Order
from chainlog.events.event import Event

__all__ = ["HOUR", "Acting", "digest", "instant", "item", "key", "lot", "money", "signer"]

OPENED = datetime(2023, 3, 1, tzinfo=UTC)
HOUR = 3_600_000
_MOVES = {"dispatch", "receive", "transfer", "loss", "found"}


def instant(hours):
    """So many hours after the first of March."""
    return (
        (OPENED + timedelta(hours=hours)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    )


def digest(text):
    return sha256(text.encode()).digest()


def money(amount, currency="USD"):
    return {"amount": amount, "currency": currency}


def signer(chain, party=None, roles=("owner", "custodian"), programme="hq"):
    name = party or chain
    return ActSigner(
        digest(chain), digest(f"key of {name}"), name, name, tuple(roles), digest(programme)
    )


class Acting:
    """What was said; `named`: the things that an act names, as it was said first."""

    def __init__(self):
        self.acts = []
        self.named = {}

    def say(
        self,
        chain,
        kind,
        at=0,
        *,
        party=None,
        roles=("owner", "custodian"),
        recorded=None,
        index=None,
        **fields,
    ):
        """An act at an hour, recorded at the same one unless said."""
        fields = {
            "event_time": instant(at),
            **{name.rstrip("_"): value for name, value in fields.items()},
        }
        event = Event.parse(kind, fields)
        number = sum(act.chain == digest(chain) for act in self.acts) if index is None else index
        happened = milliseconds(fields["event_time"])
        time = happened if recorded is None else milliseconds(instant(recorded))
        things = list(things_in(event.fields))
        act = Act(
            digest(f"{chain} {number}"),
            digest(chain),
            number,
            time,
            kind,
            happened,
            signer(chain, party, roles),
            without_things(event.fields),
            len(things),
        )
        self.acts.append(act)
        self.named[act.id] = things
        return act

    def take_back(self, act, correction=None):
        self._put(act, standing="taken back", correction=correction)

    def replace(self, act, correction, at=0, **fields):
        """Put other fields in the place of an act's, of the same kind."""
        event = Event.parse(
            act.kind,
            {
                "event_time": instant(at),
                **{name.rstrip("_"): value for name, value in fields.items()},
            },
        )
        self.named[act.id] = list(things_in(event.fields))
        told = without_things(event.fields)
        self._put(
            act,
            standing="replaced",
            correction=correction,
            fields=told,
            happened=milliseconds(event.fields["event_time"]),
        )

    def _put(self, act, **fields):
        at = next(at for at, one in enumerate(self.acts) if one.id == act.id)
        self.acts[at] = msgspec.structs.replace(self.acts[at], **fields)

    def whole(self):
        """The acts, each with the answers to it."""
        answers = [act for act in self.acts if act.kind in ANSWERS]
        return [
            msgspec.structs.replace(
                act, answers=tuple(Order(one for one in answers if _answers(one, act)).acts)
            )
            for act in self.acts
        ]

    def all(self):
        """Every touch, by key."""
        found = {}
        for act in self.whole():
            for at, (name, part, line) in enumerate(self.named[act.id]):
                found.setdefault(name, []).append(Touch(act, part, at, line))
        return found

    def touches(self, name):
        """The history of a thing, and what moved the boxes that it was in."""
        every = self.all()
        history = list(every.get(name, ()))
        pending = [
            touch.line["container"]
            for touch in history
            if touch.part == "items" and touch.act.kind == "pack"
        ]
        seen = {name}
        while pending:
            box = pending.pop()
            if box not in seen:
                seen.add(box)
                for touch in every[box]:
                    if touch.part == "items":
                        history.append(
                            Touch(touch.act, "around", touch.at, {"box": box, **touch.line})
                        )
                        pending.append(touch.line["container"])
                    elif touch.part == "lines" and touch.act.kind in _MOVES:
                        history.append(Touch(touch.act, "around", touch.at, {"box": box}))
        return history


def _answers(answer, act):
    if answer.id == act.id:
        return False
    if "entry" in answer.fields:
        return answer.fields["entry"] == act.id
    return (
        answer.kind == "accept"
        and act.kind in HANDOVERS
        and act.text("document") == answer.text("document")
    )
