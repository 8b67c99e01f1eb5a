"""A site, its hub and a stick between them, on one disk; and what has to be so of them."""

from __future__ import annotations

import json
import shutil
from functools import cached_property
from pathlib import Path

from chainlog.ledger.at_path import verify_path
from chainlog.ledger.ledger import Ledger
from chainlog.ledger.signers.files import read_key
from chainlog.verifier.report import Verdict

PHOTO, PAPER = b"\xff\xd8photo" * 500, b"%PDF-paper" * 300
# Stands in what is erased and withheld.
SECRET = "Halyna Kovalenko"


class World:
    """Everything below `base/disk`, which may be copied: no path in it is kept anywhere."""

    def __init__(self, base):
        self.base, self.disk = base, base / "disk"
        self.home, self.site = self.disk / "home", self.disk / "site"
        self.hub_home, self.hub = self.disk / "hub-home", self.disk / "hub"
        self.stick = self.disk / "stick"

    def copy(self, base):
        shutil.copytree(self.base, base)
        return World(base)

    def run(self, driver, *arguments, home=None):
        """Run the command, which is to succeed; gives what it said."""
        done = driver.run(self.base, home or self.home, *self.filled(arguments))
        assert done.code == 0, (arguments, done)
        return done.out

    def filled(self, arguments):
        return [str(one).replace("{disk}", str(self.disk)) for one in arguments]

    # What has to be so

    def opened(self, ledger, home=None, *, sign=False):
        key = read_key((home or self.home) / "key.pem", bytes) if sign else None
        return Ledger.open(ledger, key, marks=(home or self.home) / "marks")

    def records(self, ledger, chain=None):
        """The entries and bodies of a chain, otherwise of the ledger's own."""
        with self.opened(ledger) as held:
            return [(one.entry, one.body) for one in held.engine.read(chain or held.chain)]

    @cached_property
    def chain(self):
        with self.opened(self.site) as held:
            return held.chain

    def holds(self, ledger):
        """It verifies whole, attachments too, and no entry says what another one says."""
        report = verify_path(ledger, parallel=1, all_attachments=True)
        assert report.verdict is Verdict.HOLDS, report.faults + report.missing
        with self.opened(ledger) as held:
            for chain in held.engine.chains():
                said = [
                    (logged.entry.header.kind, repr(logged.fields))
                    for logged in held.read(chain=chain)
                    if logged.fields is not None
                ]
                assert all(said.count(one) == 1 for one in said), "twice in one chain"

    def files(self, folder):
        """What lies in a folder, by name, but for locks."""
        return {
            str(path.relative_to(folder)): path.read_bytes()
            for path in Path(folder).rglob("*")
            if path.is_file() and "lock" not in path.name
        }

    def keys_are_private(self):
        """Nothing that holds a private key may be read by others."""
        for path in self.disk.rglob("*"):
            if path.is_file() and b"PRIVATE KEY" in path.read_bytes()[:100]:
                assert path.stat().st_mode & 0o077 == 0, path


def _event(n, **more):
    return {
        "event_time": "2023-03-01T08:00:00Z",
        "from": "Depot",
        "to": "Unit",
        "document": f"D-{n}",
        "lines": [{"item": {"maker": "1ABC2", "part": "M777", "serial": f"SN-{n}"}}],
        **more,
    }


def lines_of(*numbers):
    return "".join(json.dumps({"kind": "transfer", "event": _event(n)}) + "\n" for n in numbers)


def _transfer(world, driver, n, *more):
    item = ("--item", f"1ABC2/M777/SN-{n}", "--from", "Depot", "--to", "Unit")
    world.run(driver, "--ledger", "{disk}/site", "transfer", "--document", f"D-{n}", *item, *more,
              "--event-time", "2023-03-01T08:00:00Z", "--yes")  # fmt: skip


def build_empty(_world, _driver):
    """Nothing yet."""


def build_keyed(world, driver):
    """A key, and nothing else."""
    world.run(driver, "key", "new", "--no-passphrase")


def build_site(world, driver):
    """A ledger of five entries, two of them with files; a checkpoint of three."""
    build_keyed(world, driver)
    (world.disk / "photo.jpg").write_bytes(PHOTO)
    (world.disk / "paper.pdf").write_bytes(PAPER)
    world.run(driver, "key", "new", "{disk}/spare.pem", "--no-passphrase")
    spare = world.run(driver, "key", "show", "{disk}/spare.pem", "--next").strip()
    world.run(driver, "init", "{disk}/site", "--origin", "example.org/site", "--site", "Depot",
              "--holder", "Olena", "--next", spare)  # fmt: skip
    _transfer(world, driver, 1, "--attach", "{disk}/photo.jpg", "--note", SECRET)
    _transfer(world, driver, 2)
    world.run(driver, "--ledger", "{disk}/site", "checkpoint")


def build_hub(world, driver):
    """That site, two entries further; a hub that took a part of it before; the site on a stick."""
    build_site(world, driver)
    world.run(driver, "--ledger", "{disk}/site", "withhold", "{disk}/part", "--field", "document")
    world.run(driver, "key", "new", "--no-passphrase", home=world.hub_home)
    world.run(driver, "init", "{disk}/hub", "--origin", "example.org/hub", "--site", "Hub",
              "--holder", "Taras", home=world.hub_home)  # fmt: skip
    world.run(driver, "--ledger", "{disk}/hub", "sync", "{disk}/part", home=world.hub_home)
    shutil.copytree(world.site, world.stick)
    _transfer(world, driver, 3, "--attach", "{disk}/paper.pdf")
    world.run(driver, "--ledger", "{disk}/site", "checkpoint")
    _transfer(world, driver, 4)
    shutil.rmtree(world.disk / "part")


def build_erased(world, driver):
    """That, and the site has erased what its second entry says, but for the hub and the stick."""
    build_hub(world, driver)
    world.run(driver, "--ledger", "{disk}/site", "erase", "D-1", "--reason", "art. 17", "--yes")


def build_witness(world, driver):
    """That site, and a witness that cosigned three entries, before there were four."""
    build_site(world, driver)
    world.run(driver, "witness", "new", "{disk}/w1.pem", "--name", "example.org/w1",
              "--no-passphrase")  # fmt: skip
    as_witness = ("--ledger", "{disk}/site", "--key", "{disk}/w1.pem", "witness", "cosign")
    world.run(driver, *as_witness)
    _transfer(world, driver, 3)
    world.run(driver, "--ledger", "{disk}/site", "checkpoint")
