"""A site and its hub, each with a disk; and what a worn disk, or a torn copy, does to one of them.

Nobody here signs anything that is false: bits flip, and files end early.
"""

from __future__ import annotations

from attacks.fuller.desks import Desk, copied, site

from chainlog.format.record import Record, format_record, scan
from chainlog.ledger.ledger import Ledger

SIZE = 12


def pair(base, *, size=SIZE, checkpoint=True):
    """A depot, and a hub that has all of its chain."""
    depot, hub = site(base, transfers=size - 1), site(base, "hub", transfers=0)
    if checkpoint:
        depot.checkpoint()
    assert hub.sync(depot).code == 0
    return depot, hub


class Disk:
    """One chain at a desk, as its bytes lie."""

    def __init__(self, desk, chain):
        self.desk, self.chain = desk, chain
        self.folder = desk.chain_folder(chain)

    @property
    def segments(self):
        return sorted(self.folder.glob("*.seg"))

    @property
    def records(self):
        """Of every entry the segment that it lies in, and its record."""
        return [
            (path, one)
            for path in self.segments
            for some in scan([path.read_bytes()], self.chain)
            for one in some
            if isinstance(one, Record)
        ]

    def roll(self, *firsts):
        """Lay the chain into several segments."""
        records = [one for _, one in self.records]
        for path in self.segments:
            path.unlink()
        (self.folder / "index").unlink(missing_ok=True)
        for first, stop in zip((0, *firsts), (*firsts, len(records)), strict=True):
            (self.folder / f"{first:020d}.seg").write_bytes(
                b"".join(format_record(one.entry, one.body) for one in records[first:stop])
            )

    def bytes(self):
        return b"".join(path.read_bytes() for path in self.segments)

    # What happens to it

    def _write(self, path, at, data):
        whole = bytearray(path.read_bytes())
        whole[at : at + len(data)] = data
        path.write_bytes(whole)

    def flip(self, path, at, bit=1):
        self._write(path, at, bytes([path.read_bytes()[at] ^ bit]))

    def body(self, index):
        """A bit of what an entry says."""
        path, one = self.records[index]
        self.flip(path, one.end - 3)

    def salt(self, index):
        """A bit of a body's salt."""
        path, one = self.records[index]
        self.flip(path, one.end - len(one.body) + 5)

    def signature(self, index):
        path, one = self.records[index]
        self.flip(path, one.end - len(one.body) - 16)

    def header(self, index):
        """A bit of the time in a header."""
        path, one = self.records[index]
        packed = one.parsed.header.time.to_bytes(8)
        self.flip(path, path.read_bytes().index(packed, one.start) + 7)

    def place(self, index):
        """A bit of the index in a header: the entry says that it stands much later."""
        path, one = self.records[index]
        header = one.parsed.header
        assert max(header.index, header.roster) < 64, "a byte each, before the one of the time"
        packed = header.time.to_bytes(8)
        self.flip(path, path.read_bytes().index(packed, one.start) - 3, 0x40)

    def frame(self, index):
        """A bit of the byte with which a record begins."""
        path, one = self.records[index]
        self.flip(path, one.start)

    def length(self, index):
        """A bit of the length of a body."""
        path, one = self.records[index]
        self.flip(path, one.end - len(one.body) - 1)

    def zeros(self, index):
        """A record's bytes are zeros, as of a block that was never written."""
        path, one = self.records[index]
        self._write(path, one.start, bytes(one.end - one.start))

    def hole(self, index):
        """A record is not there, and what follows has moved up."""
        path, one = self.records[index]
        data = path.read_bytes()
        path.write_bytes(data[: one.start] + data[one.end :])


WAYS = ("body", "salt", "signature", "header", "place", "frame", "length", "zeros", "hole")
__all__ = ["SIZE", "WAYS", "Desk", "Disk", "Ledger", "copied", "pair", "site"]
