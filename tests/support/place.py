"""A ledger with its own home: a chain of some transfers, and what is done with its checkpoints."""

from __future__ import annotations

import shutil

from support.chains import CLERK, OWNER, opening, transfer
from support.notes import sign

from chainlog.events.event import Event
from chainlog.format.checkpoint import Checkpoint, format_origin_line
from chainlog.format.keys import Ed25519Signer
from chainlog.format.merkle import root
from chainlog.format.note import format_note
from chainlog.ledger.checkpoints import make_checkpoint
from chainlog.ledger.copies import settle
from chainlog.ledger.ledger import Ledger
from chainlog.ledger.taken import take_checkpoint

LOG = Ed25519Signer.from_seed(b"l" * 32)
KEYS = ((OWNER, ["owner"]), (CLERK, ["custodian"]), (LOG, ["log"]))


class Place:
    """A ledger with its own home."""

    def __init__(self, base, entries=4, keys=KEYS, **more):
        self.base, self.folder, self.home = base, base / "ledger", base / "home"
        with Ledger.create(
            self.folder, opening(keys=keys, **more), OWNER, marks=self.home / "marks"
        ) as ledger:
            self.chain = ledger.chain
        self.write(entries - 1)

    def open(self, signer=None):
        return Ledger.open(self.folder, signer, marks=self.home / "marks")

    def write(self, count=1, start=0):
        with self.open(CLERK) as ledger:
            ledger.append_many([Event.parse("transfer", transfer(start + n)) for n in range(count)])

    def govern(self, kind, fields, signer=OWNER):
        with self.open(signer) as ledger:
            ledger.append(Event.parse(kind, fields))

    def make(self, signer=OWNER):
        with self.open(signer) as ledger:
            return make_checkpoint(ledger)

    def take(self, data, witnesses=()):
        with self.open() as ledger:
            return take_checkpoint(ledger, data, witnesses)

    def ids(self):
        with self.open() as ledger:
            return [logged.entry.id for logged in ledger.read()]

    def told(self, size=None, **wrong):
        ids = self.ids()[:size]
        named = {
            "origin": format_origin_line("example.org/depot", self.chain),
            "size": len(ids),
            "root": root(ids),
            **wrong,
        }
        return Checkpoint(**named)

    def signed(self, size=None, signer=OWNER, cosigned=(), **wrong):
        return format_note(
            sign(self.told(size, **wrong), signer, cosigned=[(one, 7) for one in cosigned])
        )

    @property
    def chain_folder(self):
        return self.folder / "chains" / self.chain.hex()

    @property
    def folders(self):
        return self.chain_folder / "checkpoints", self.home / "checkpoints" / self.chain.hex()

    def back_to(self, copy):
        """The ledger's folder as it was when `copy` was made of it."""
        shutil.rmtree(self.folder)
        shutil.copytree(copy, self.folder)

    def forget_marks(self):
        shutil.rmtree(self.home / "marks")

    def only_copy(self):
        """Whoever brought it back says that nobody holds more."""
        with self.open() as ledger:
            settle(ledger, ledger.head)
