"""Whoever has a ledger and a home of their own, and what a courier does with a copy on the way.

A desk is asked through the command, as a person does. A courier has no key: what a courier does,
anybody can do who was given a copy.
"""

from __future__ import annotations

import os
import shutil
from unittest import mock

from support import command
from support.chains import CLERK, OWNER, opening, transfer

from chainlog.events.event import Event
from chainlog.export.copy import write_withheld
from chainlog.export.rules import Rule
from chainlog.format.body import open_body
from chainlog.format.record import Record, format_record, scan
from chainlog.ledger.checkpoints import make_checkpoint
from chainlog.ledger.ledger import Ledger


class Desk:
    """A ledger in a folder, and the home of who works with it."""

    def __init__(self, base, name, *, chain=None):
        self.folder, self.home, self.chain = base / name / "ledger", base / name / "home", chain

    def opened(self, signer=None):
        return Ledger.open(self.folder, signer, marks=self.home / "marks")

    def tell(self, kind, fields, signer=CLERK):
        """Record one event."""
        with self.opened(signer) as ledger:
            return ledger.append(Event.parse(kind, fields))

    def checkpoint(self):
        """Let the owner sign how long the chain is."""
        with self.opened(OWNER) as ledger:
            return make_checkpoint(ledger)

    def run(self, *words):
        """Run the command here; gives `code`, `out`, `err`."""
        with mock.patch.dict(os.environ, CHAINLOG_HOME=str(self.home)):
            return command.run("--ledger", self.folder, *words)

    def sync(self, folder):
        """Take from a folder, or another desk's."""
        return self.run("sync", "--workers", "1", getattr(folder, "folder", folder))

    def chain_folder(self, chain=None):
        return self.folder / "chains" / (chain or self.chain).hex()

    def records(self, chain=None):
        return records_in(self.chain_folder(chain), chain or self.chain)

    def fields(self, index, chain=None):
        """What an entry shows here; None where it has no body here."""
        record = self.records(chain)[index]
        return open_body(record.body, record.parsed.header.body).fields() if record.body else None

    def stick(self, base, name):
        """A copy of the whole ledger, as a stick has it."""
        shutil.copytree(self.folder, base / name)
        return base / name


def site(base, name="depot", *, transfers=3, **more):
    """A site's desk, with a chain of its opening and some transfers that bear a note."""
    desk = Desk(base, name)
    with Ledger.create(
        desk.folder, opening(origin=f"aid.example/{name}"), OWNER, marks=desk.home / "marks"
    ) as ledger:
        desk.chain = ledger.chain
    for number in range(transfers):
        desk.tell("transfer", transfer(number, note=f"note {number}", **more))
    return desk


def copied(desk, base, name):
    """The same desk elsewhere, as a cloned laptop: its keys, and a home that remembers nothing."""
    twin = Desk(base, name, chain=desk.chain)
    shutil.copytree(desk.folder, twin.folder)
    return twin


def withheld(folder, target, *fields, entries=None):
    """The copy that a courier makes of a copy: fields withheld throughout, or in some entries."""
    with Ledger.open(folder, marks=target.parent / f"{target.name}-courier") as ledger:
        write_withheld(ledger, target, [Rule(fields=fields)], entries=entries, parallel=1)
    return target


def records_in(folder, chain):
    data = b"".join(path.read_bytes() for path in sorted(folder.glob("*.seg")))
    return [one for some in scan([data], chain) for one in some if isinstance(one, Record)]


def rewrite(folder, chain, bodies):
    """Put other bodies, by index, into a copy's chain, whatever they are."""
    place = folder / "chains" / chain.hex()
    records = records_in(place, chain)
    for path in place.glob("*.seg"):
        path.unlink()
    (place / "index").unlink(missing_ok=True)
    (place / f"{0:020d}.seg").write_bytes(
        b"".join(
            format_record(one.entry, bodies.get(index, one.body))
            for index, one in enumerate(records)
        )
    )


def holds(desk):
    """Whether all that lies at a desk verifies."""
    return desk.run("verify").code == 0
