"""The world that the attacks are made on.

An authority, three sites, three witnesses, and an auditor who trusts one fingerprint.

    HOME/ledger/     what is handed to the auditor: the authority's ledger, with every chain,
                     checkpoint and attachment
    HOME/auditor/    the auditor's own: marks, and beside them the checkpoints that an earlier
                     verification saw, and how far it came

All of it holds. `hq` is the authority; `depot` sends to `brigade`, which cites every dispatch;
`port` was suspended, after its last entry. Keys, clocks and salts are fixed, so that every id is
the same in each run. An attack takes what its attacker has: always the disk, and those keys
(`key("depot helper")`) that its description gives him.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from hashlib import sha256, shake_256
from typing import TYPE_CHECKING, Any, NamedTuple

from attacks.eyes import Given, Shown
from attacks.hands import MORNING, SEGMENT, Chain
from attacks.keys import cosigned, item, key, witness

from chainlog.events.event import Event
from chainlog.events.plain_json import from_plain
from chainlog.format import canonical
from chainlog.format.body import withhold
from chainlog.format.keys import commitment_to_next
from chainlog.format.note import Note, format_note, format_vkey
from chainlog.format.policy import Policy, parse_policy
from chainlog.ledger.checkpoints import checkpoints_of, keep, make_checkpoint
from chainlog.ledger.config import LedgerFile, format_ledger_file
from chainlog.ledger.ledger import Ledger
from chainlog.ledger.marks import Marks
from chainlog.sync.folder import sync_folder
from chainlog.verifier.trust import Trust

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

SITES = ("hq", "depot", "brigade", "port")


class Told(NamedTuple):
    """Where something was said: the site, the index of the entry, its id."""

    site: str
    index: int
    id: bytes


@dataclass
class World:
    """One copy of the world, for one attack. `chains`: ids by site; `told`: entries by label."""

    home: Path
    chains: dict[str, bytes]
    told: dict[str, Told]

    @property
    def folder(self) -> Path:
        """The ledger that is handed over."""
        return self.home / "ledger"

    @property
    def marks(self) -> Marks:
        """What the auditor remembers of an earlier verification."""
        return Marks(self.home / "auditor" / "marks")

    @property
    def trust(self) -> Trust:
        """Whom the auditor trusts: the authority, and any witness that it admitted."""
        return Trust(self.chains["hq"])

    @property
    def both(self) -> Policy:
        """A policy that asks for both witnesses."""
        one, two = (format_vkey(witness(name).vkey) for name in ("one", "two"))
        return parse_policy(
            f"witness one {one}\nwitness two {two}\ngroup both all one two\nquorum both\n".encode()
        )

    def copy(self, home: Path) -> World:
        """The same elsewhere, to be spoilt."""
        shutil.copytree(self.home, home)
        return World(home, self.chains, self.told)

    def path(self, site: str) -> Path:
        """The folder of a chain."""
        return self.folder / "chains" / self.chains[site].hex()

    def photo(self, content: bytes) -> Path:
        """The file of an attachment."""
        digest = sha256(content).hexdigest()
        return self.folder / "blobs" / digest[:2] / digest

    def chain(self, site: str) -> Chain:
        """A chain in the hands of whoever has the disk."""
        return Chain(self.path(site), self.chains[site])

    def at(self, label: str) -> int:
        """The index of what was said under a label."""
        return self.told[label].index

    def evidence(self, site: str, shown: Sequence[int], **more: Any) -> dict[str, Any]:
        """An evidence file that shows entries of a site's chain, with all that it stands on.

        As the value that the file encodes.
        """
        hq = self.chain("hq")
        admitting = [
            index
            for index in range(hq.size)
            if hq.header(index).kind.startswith(("site.", "witness."))
        ]
        return {
            "version": 1,
            "claim": "shown",
            "chains": [self.chain(site).part(shown), hq.part(admitting)],
            "attachments": [],
            **more,
        }

    def shown(self, spoilt: Mapping[str, Any], honest: Mapping[str, Any], **more: Any) -> Shown:
        """An evidence file, to an auditor who checks it."""
        return Shown(
            **{
                "data": canonical.pack(spoilt),
                "honest": canonical.pack(honest),
                "trust": self.trust,
                **more,
            }
        )

    def given(self, **more: Any) -> Given:
        """The ledger, to an auditor who looks as auditors do unless it is said otherwise."""
        return Given(**{"folder": self.folder, "trust": self.trust, **more})


def spoilt(world: World, spoil: Callable[[bytes], bytes]) -> Given:
    """The depot rolled back by four entries, and the checkpoint that would tell made into something
    else.
    """
    depot = world.chain("depot")
    depot.cut(depot.size - 4)
    depot.put()
    newest = depot.kept()[-1]
    newest.write_bytes(spoil(newest.read_bytes()))
    return world.given()


# The honest story


def build(home: Path) -> World:
    """The world, as it is before anybody lays hands on it."""
    story = _Story(home)
    try:
        story.tell()
        world = story.hand_over()
    finally:
        for ledger in story.ledgers.values():
            ledger.close()
    for site in SITES:
        shutil.rmtree(home / site)
    shutil.rmtree(home / "marks")
    shutil.rmtree(home / "checkpoints", ignore_errors=True)
    world.given(marks=world.marks, resume=True).look()
    return world


class _Story:
    """The programme while it is told."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.ledgers: dict[str, Ledger] = {}
        self.told: dict[str, Told] = {}
        self.now, self.salts = MORNING, 0

    def tell(self) -> None:
        self.open("hq", director=["owner"], clerk=["recorder"])
        for site, chief in (("depot", "chief"), ("brigade", "major"), ("port", "master")):
            self.open(site, **{chief: ["owner", "custodian"], "keeper": ["custodian"]})
        for name in ("one", "two", "three"):
            self.govern("hq director", "witness.admit", vkey=format_vkey(witness(name).vkey))
        for site in SITES[1:]:
            self.govern(
                "hq director",
                "site.admit",
                chain=self.ledgers[site].chain,
                origin=f"aid.example/{site}",
            )
        self.say(
            "hq clerk",
            "register",
            lines=[item(f"SN-{n}") for n in range(13)],
            owner="donor",
            holder="depot",
            monitoring="enhanced",
        )
        self.grant("depot chief", "depot helper")
        self.grant("brigade major", "brigade corporal")
        for n in range(5):
            self.send(n, "depot helper")
        self.see("depot")
        self.receive(range(5), "brigade corporal")
        self.see("brigade")
        self.govern(
            "depot chief", "key.revoke", key=key("depot helper").key_id, reason="compromised"
        )
        self.govern(
            "brigade major", "key.revoke", key=key("brigade corporal").key_id, reason="lost"
        )
        self.govern("hq director", "key.revoke", key=key("hq clerk").key_id, reason="retired")
        self.see("hq")
        for n in range(5, 10):
            self.send(n, "depot keeper", photo=True)
        self.receive(range(5, 10), "brigade keeper")
        self.say(
            "port keeper",
            "advise",
            lines=[item("SN-9")],
            to="depot",
            document="BL-9",
            **{"from": "port"},
        )
        self.govern(
            "hq director",
            "site.suspend",
            chain=self.ledgers["port"].chain,
            reason="unmanned",
            size=self.ledgers["port"].head.size,
        )
        self.govern("hq director", "witness.suspend", vkey=format_vkey(witness("three").vkey))
        self.govern(
            "depot spare",
            "key.recover",
            key=key("depot spare").key_id,
            next=commitment_to_next(key("depot safe").key_id),
        )
        for n in range(10, 13):
            self.send(n, "depot keeper")
        self.receive(range(10, 13), "brigade keeper")
        self.govern(
            "depot spare", "chain.erase", entries=[self.told["sent 1"].id], reason="a name in it"
        )
        self.correct("got 12", "brigade keeper")
        self.say(
            "brigade keeper",
            "loss",
            lines=[item("SN-2")],
            holder="brigade",
            cause="lost",
            lost_on="2023-03-02",
            report="initial",
        )

    def open(self, site: str, **people: list[str]) -> None:
        """Open a site's chain: its people, a machine that signs checkpoints, and a spare key in a
        safe.
        """
        roles = {**people, "box": ["log"]}
        opening: dict[str, Any] = {
            "origin": f"aid.example/{site}",
            "site": site,
            "keys": [
                {"key": key(f"{site} {who}").key_id, "roles": told} for who, told in roles.items()
            ],
            "holders": [{"name": f"{who} of {site}"} for who in roles],
            "next": commitment_to_next(key(f"{site} spare").key_id),
        }
        if self.ledgers:
            opening["programme"] = self.ledgers["hq"].chain
        owner = key(f"{site} {next(iter(people))}")
        place = self.home / site
        made = Ledger.create(
            place, opening, owner, marks=self.home / "marks", clock=self.clock, entropy=self.salt
        )
        self.ledgers[site] = made

    def clock(self) -> int:
        self.now += 60_000
        return self.now

    def salt(self, size: int) -> bytes:
        self.salts += 1
        return shake_256(f"attacks {self.salts}".encode()).digest(size)

    def say(self, who: str, kind: str, label: str = "", **fields: Any) -> None:
        self._append(who, from_plain(kind, {"event_time": "2023-03-01T08:00:00Z", **fields}), label)

    def govern(self, who: str, kind: str, **fields: Any) -> None:
        self._append(who, Event.parse(kind, fields), f"{who.split(maxsplit=1)[0]} {kind}")

    def _append(self, who: str, event: Event, label: str) -> None:
        site = who.split(maxsplit=1)[0]
        self.ledgers[site].signer = key(who)
        entry = self.ledgers[site].append(event)
        self.told[label] = Told(site, entry.header.index, entry.id)

    def grant(self, owner: str, to: str) -> None:
        self.govern(
            owner, "key.grant", key=key(to).key_id, roles=["custodian"], holder={"name": to}
        )

    def send(self, number: int, who: str, *, photo: bool = False) -> None:
        """From the depot to the brigade."""
        more: dict[str, Any] = {"note": f"by lorry {number}"}
        if photo:
            digest, size = self.ledgers["depot"].engine.put_blob([f"photo {number}".encode()])
            more["attachments"] = [{"sha256": digest.hex(), "size": size, "type": "image/jpeg"}]
        parties = {"from": "depot", "to": "brigade"}
        self.say(
            who,
            "dispatch",
            f"sent {number}",
            lines=[item(f"SN-{number}")],
            document=f"WB-{number}",
            **parties,
            **more,
        )

    def receive(self, numbers: Iterable[int], who: str) -> None:
        """By the brigade, citing what was sent."""
        for number in numbers:
            cites: dict[str, Any] = {
                "dispatch": self.told[f"sent {number}"].id.hex(),
                "from": "depot",
                "to": "brigade",
            }
            self.say(
                who,
                "receive",
                f"got {number}",
                lines=[item(f"SN-{number}")],
                note="seals whole",
                **cites,
            )

    def correct(self, label: str, who: str) -> None:
        """What was received was something else, as a photograph in the replacement shows."""
        site, _, entry = self.told[label]
        digest, size = self.ledgers[site].engine.put_blob([b"photo of a seal"])
        told = {
            "event_time": "2023-03-01T08:00:00Z",
            "lines": [item("SN-12")],
            "attachments": [{"sha256": digest.hex(), "size": size, "type": "image/jpeg"}],
            "from": "depot",
            "to": "brigade",
        }
        self.say(
            who,
            "correct",
            f"{label}, corrected",
            entry=entry.hex(),
            reason="wrong_data",
            replacement=told,
        )

    def see(self, site: str) -> None:
        """Have a checkpoint cosigned, and record that it was seen."""
        note = self.checkpoint(site)
        owner = {"hq": "director", "depot": "chief", "brigade": "major"}[site]
        self.govern(f"{site} {owner}", "chain.seen", checkpoint=format_note(note).decode())

    def checkpoint(self, site: str) -> Note:
        ledger = self.ledgers[site]
        ledger.signer = key(f"{site} box")
        return keep(
            ledger,
            ledger.chain,
            cosigned(make_checkpoint(ledger), "one", "two", at=self.now // 1000),
        )

    def hand_over(self) -> World:
        """The authority takes every chain; what was erased and withheld is.

        All of it lies in one folder.
        """
        for site in SITES:
            self.checkpoint(site)
        self.ledgers["hq"].engine._segment_limit = SEGMENT
        for site in SITES[1:]:
            sync_folder(self.ledgers["hq"], self.home / site)
            for note in checkpoints_of(self.ledgers[site], self.ledgers[site].chain):
                keep(self.ledgers["hq"], self.ledgers[site].chain, note)
        shutil.copytree(self.home / "hq", self.home / "ledger")
        world = World(
            self.home, {site: ledger.chain for site, ledger in self.ledgers.items()}, self.told
        )
        (world.folder / "ledger.toml").write_bytes(
            format_ledger_file(LedgerFile(world.chains["hq"], None))
        )
        depot, brigade = world.chain("depot"), world.chain("brigade")
        depot.bodies[world.at("sent 1")] = b""
        seen = world.at("got 0")
        brigade.bodies[seen] = withhold(brigade.bodies[seen], brigade.header(seen).body, {"note"})
        depot.put()
        brigade.put()
        return world
