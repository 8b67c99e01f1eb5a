"""Small programmes for tests: an authority and sites, and what their people say.

A ledger holds all their chains.

    told = Chronicle() sent = told.say("depot", "dispatch", "2023-03-01", lines=[item("SN-1")],
    to="brigade", document="WB-1", **{"from": "depot"}) told.say("brigade", "receive", "2023-03-02",
    ...) findings = told.audit("2023-04-01")

Every site's custodian signs for a party named like the site; `who` names another person of
`PEOPLE`.
"""

from __future__ import annotations

from hashlib import sha256, shake_256
from typing import TYPE_CHECKING, Any

from chainlog.audit.family import AuditSource, ChainFacts
from chainlog.audit.run import audit
from chainlog.audit.settings import Settings
from chainlog.custody.act import milliseconds
from chainlog.events.event import Event
from chainlog.events.plain_json import from_plain
from chainlog.format.body import commit
from chainlog.format.entry import VERSION, Entry, Header, parse_entry, seal
from chainlog.format.keys import Ed25519Signer
from chainlog.index.audit_source import gather
from chainlog.index.index import Items
from chainlog.ledger.ledger import Ledger
from chainlog.store.engine import EMPTY

if TYPE_CHECKING:
    from collections.abc import Iterator

SITES = ("hq", "depot", "brigade", "port")
# Beside the custodian, who is an owner too, each site has an inspector, a recorder, and an owner
# without another role.
PEOPLE = {
    "custodian": ["owner", "custodian"],
    "inspector": ["inspector"],
    "recorder": ["recorder"],
    "owner": ["owner"],
}
OPENED = milliseconds("2023-01-01T06:00:00Z")


def item(serial: str, *, maker: str = "1ABC2", part: str = "M777", **beside: Any) -> dict[str, Any]:
    """A line about one item."""
    return {"item": {"maker": maker, "part": part, "serial": serial}, **beside}


def key(serial: str, *, maker: str = "1ABC2", part: str = "M777") -> str:
    """The key of the same item."""
    return f"{maker}/{part}/{serial}"


def lot(number: str, quantity: str, unit: str = "RD", **beside: Any) -> dict[str, Any]:
    """A line about some of a lot."""
    return {
        "lot": {"nsn": "1320900007012", "number": number},
        "quantity": quantity,
        "unit": unit,
        **beside,
    }


def signer(site: str, who: str) -> Ed25519Signer:
    """The key of a person at a site."""
    return Ed25519Signer.from_seed(sha256(f"chronicle {site} {who}".encode()).digest())


class Chronicle:
    """The chains of an authority (`hq`) and its sites, as they are told; `ids` by label."""

    def __init__(self, sites: tuple[str, ...] = SITES) -> None:
        self.now = OPENED
        self.salts = 0
        self.ledgers: dict[str, Ledger] = {}
        for site in sites:
            opening: dict[str, Any] = {
                "origin": f"test.example/{site}",
                "site": site,
                "keys": [
                    {"key": signer(site, who).key_id, "roles": roles}
                    for who, roles in PEOPLE.items()
                ],
                "holders": [{"name": f"{who} of {site}", "party": site} for who in PEOPLE],
            }
            if self.ledgers:
                opening["programme"] = self.ledgers["hq"].chain
            self.ledgers[site] = Ledger.create(
                "memory:", opening, signer(site, "custodian"), clock=self.clock, entropy=self.salt
            )
            if site != "hq":
                self.govern(
                    "hq",
                    "site.admit",
                    chain=self.ledgers[site].chain,
                    origin=f"test.example/{site}",
                )

    def clock(self) -> int:
        """The time of the entry at hand, in ms."""
        return self.now

    def salt(self, size: int) -> bytes:
        """Salts that are the same in each run."""
        self.salts += 1
        return shake_256(f"chronicle {self.salts}".encode()).digest(size)

    def say(
        self,
        site: str,
        kind: str,
        at: str,
        *,
        who: str = "custodian",
        recorded: str | None = None,
        **fields: Any,
    ) -> Entry:
        """Sign an event at a site. `at`: when it happened, a date or an instant; `recorded`: what
        the clock says, or a minute later.
        """
        moment = at if "T" in at else f"{at}T08:00:00Z"
        event = from_plain(kind, {"event_time": moment, **fields})
        return self.append(
            site, event, milliseconds(recorded) if recorded else milliseconds(moment) + 60_000, who
        )

    def append(self, site: str, event: Event, time: int, who: str = "custodian") -> Entry:
        """Sign any event at a site, with a clock of one's own (ms)."""
        self.now = time
        self.ledgers[site].signer = signer(site, who)
        return self.ledgers[site].append(event)

    def govern(self, site: str, kind: str, at: str | None = None, **fields: Any) -> Entry:
        """Sign a governing event as an owner; its fields as bytes, not as JSON."""
        return self.append(site, Event.parse(kind, fields), milliseconds(at) if at else self.now)

    def forge(
        self,
        site: str,
        kind: str,
        fields: dict[str, Any],
        *,
        time: int | None = None,
        who: str = "custodian",
    ) -> Entry:
        """Sign what the vocabulary would not let through.

        A minute after the entry before unless `time` (ms) says otherwise.
        """
        ledger = self.ledgers[site]
        head = ledger.engine.head(ledger.chain)
        last = parse_entry(self.records(site)[-1][0]).header
        body, digest = commit(fields, self.salt(32))
        clock = last.time + 60_000 if time is None else time
        header = Header(
            VERSION,
            ledger.chain,
            head.id,
            head.size,
            last.roster,
            clock,
            signer(site, who).key_id,
            kind,
            digest,
        )
        entry = seal(header, signer(site, who))
        ledger.engine.append(ledger.chain, head, [(entry.raw, body)])
        return entry

    def records(self, site: str, stop: int | None = None) -> list[tuple[bytes, bytes]]:
        """The records of a site's chain."""
        ledger = self.ledgers[site]
        return [(record.entry, record.body) for record in ledger.engine.read(ledger.chain, 0, stop)]

    def gathered(
        self, *sites: str, instead: dict[str, list[tuple[bytes, bytes]]] | None = None
    ) -> Ledger:
        """One ledger that holds the chains of these sites, of all unless some are named.

        Of some, other records `instead`.
        """
        names = sites or tuple(self.ledgers)
        eye = signer("eye", "x")
        keys = [{"key": eye.key_id, "roles": ["owner"]}]
        opening = {
            "origin": "test.example/eye",
            "site": "eye",
            "keys": keys,
            "holders": [{"name": "eye"}],
        }
        ledger = Ledger.create("memory:", opening, eye, clock=self.clock, entropy=self.salt)
        ledger.engine = type(ledger.engine)()
        for site in names:
            ledger.engine.append(
                self.ledgers[site].chain, EMPTY, (instead or {}).get(site, self.records(site))
            )
        ledger.chain = self.ledgers[names[0]].chain
        return ledger

    def items(self, *sites: str) -> Items:
        """The index of these chains, caught up."""
        return Items.of(self.gathered(*sites))

    def audit(
        self,
        at: str | None = None,
        *,
        now: str = "2023-12-01",
        sites: tuple[str, ...] = (),
        settings: Settings | None = None,
        **more: Any,
    ) -> list[Any]:
        """The findings: as of a day, or of all that is held with durations running to `now`."""
        with self.items(*sites) as items:
            source = gather(
                items,
                milliseconds(at) if at else None,
                milliseconds(now),
                more.get("attachment", lambda _: "held"),
            )
            return audit(source, settings or Settings(), more.get("codes"))

    def only(self, code: str, at: str | None = None, **more: Any) -> list[Any]:
        """The findings of one code."""
        return self.audit(at, codes={code}, **more)

    # What is said most, in short: who says it is the site that is named like the party, unless `by`
    # is another.

    def register(
        self,
        *lines: dict[str, Any],
        holder: str = "depot",
        at: str = "2023-01-02",
        by: str = "hq",
        **more: Any,
    ) -> Entry:
        """Things enter the programme: enhanced, unless said otherwise."""
        return self.say(
            by,
            "register",
            at,
            **{
                "lines": [*lines],
                "owner": "donor",
                "holder": holder,
                "monitoring": "enhanced",
                **more,
            },
        )

    def send(
        self,
        *lines: dict[str, Any],
        at: str = "2023-02-01",
        by: str = "depot",
        kind: str = "dispatch",
        **more: Any,
    ) -> Entry:
        """From the depot to the brigade under WB-1, unless said otherwise."""
        return self.say(
            by,
            kind,
            at,
            **{"lines": [*lines], "from": "depot", "to": "brigade", "document": "WB-1", **more},
        )

    def take(
        self, *lines: dict[str, Any], at: str = "2023-02-02", by: str = "brigade", **more: Any
    ) -> Entry:
        """Received by the brigade from the depot under WB-1, unless said otherwise."""
        return self.say(
            by,
            "receive",
            at,
            **{"lines": [*lines], "from": "depot", "to": "brigade", "document": "WB-1", **more},
        )

    def hand(
        self, *lines: dict[str, Any], at: str = "2023-02-01", by: str = "depot", **more: Any
    ) -> Entry:
        """Handed over in person by the depot to the brigade, unless said otherwise."""
        return self.say(
            by, "transfer", at, **{"lines": [*lines], "from": "depot", "to": "brigade", **more}
        )

    def count(
        self, *lines: dict[str, Any], holder: str = "depot", at: str = "2023-03-01", **more: Any
    ) -> Entry:
        """A complete count by the site's inspector, unless said otherwise."""
        said = {
            "lines": [*lines],
            "holder": holder,
            "counter": f"inspector of {holder}",
            "complete": True,
            "who": "inspector",
            **more,
        }
        return self.say(said.pop("by", holder), "inventory", at, **said)

    def lose(
        self, *lines: dict[str, Any], holder: str = "depot", at: str = "2023-03-01", **more: Any
    ) -> Entry:
        """An initial report of a loss, with date and place, unless said otherwise."""
        said = {
            "lines": [*lines],
            "holder": holder,
            "cause": "lost",
            "report": "initial",
            "lost_on": at[:10],
            "place": "field",
            **more,
        }
        return self.say(
            said.pop("by", holder),
            "loss",
            at,
            **{name: value for name, value in said.items() if value is not None},
        )

    def undo(
        self, entry: Entry, by: str | None = None, at: str = "2023-06-01", **more: Any
    ) -> Entry:
        """A correction: it did not happen, or, with a replacement, it happened otherwise. By the
        chain in which the entry stands.
        """
        site = by or next(
            name for name, ledger in self.ledgers.items() if ledger.chain == entry.chain
        )
        reason = "wrong_data" if "replacement" in more else "did_not_happen"
        return self.say(site, "correct", at, **{"entry": entry.id.hex(), "reason": reason, **more})


class Blank:
    """A book in which nothing is written."""

    def acts(self, *_: str) -> Iterator[Any]:
        """None."""
        yield from ()

    def things(self, _: Any) -> list[Any]:
        """None."""
        return []

    def cited(self, *_: Any) -> None:
        """None."""

    def histories(self) -> Iterator[Any]:
        """None."""
        yield from ()

    def papers(self) -> Iterator[Any]:
        """None."""
        yield from ()

    def hidden(self) -> Iterator[Any]:
        """None."""
        yield from ()


def chain_of(name: str = "depot", **more: Any) -> ChainFacts:
    """A chain of three entries as an audit sees it, made by hand.

    Under itself, and last heard of on 1 January 2023.
    """
    made = sha256(name.encode()).digest()
    told = {
        "programme": made,
        "size": 3,
        "last": OPENED,
        "last_id": sha256(made).digest(),
        "closed": False,
        "problem": None,
        "seen": 0,
    }
    return ChainFacts(id=made, origin=f"test.example/{name}", site=name, **{**told, **more})


def source_of(*chains: ChainFacts, at: int = OPENED, **more: Any) -> AuditSource:
    """The source of an audit in which only chains show."""
    return AuditSource(Blank(), at, chains, lambda _: "held", **more)


def parsed(records: list[tuple[bytes, bytes]]) -> list[Entry]:
    """The entries in records."""
    return [parse_entry(entry) for entry, _ in records]
