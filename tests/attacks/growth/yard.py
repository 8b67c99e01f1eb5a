"""A site whose disk an attacker has, or whose disk wears out: six entries under a checkpoint, six
above it; and what may be done to its bytes, and to what is derived from them.

Nobody here has a key that he should not have, unless an attack says so.
"""

from __future__ import annotations

from contextlib import closing
from hashlib import sha256

from support.place import Place

from chainlog.format.record import Record, format_record, scan
from chainlog.store.segment.cells import FileCells
from chainlog.store.tree import Tree

SIGNED, SIZE = 6, 12


class Yard(Place):
    """The site; its chain is in one segment."""

    def __init__(self, base, *, signed=SIGNED, size=SIZE):
        super().__init__(base, signed or size)
        if signed:
            self.make()
            self.write(size - signed, 50)

    @property
    def segment(self):
        (path,) = self.chain_folder.glob("*.seg")
        return path

    @property
    def records(self):
        found = scan([self.segment.read_bytes()], self.chain)
        return [one for group in found for one in group if isinstance(one, Record)]

    def files(self):
        """All that lies in the ledger and in the home, byte for byte."""
        return {path: path.read_bytes() for path in self.base.rglob("*") if path.is_file()}

    # What is done to the bytes

    def flip(self, at, bit=1):
        """Flip one bit of the segment."""
        data = bytearray(self.segment.read_bytes())
        data[at] ^= bit
        self.segment.write_bytes(data)

    def flip_signature(self, index):
        """Flip a bit of an entry's signature: its id is another then."""
        record = self.records[index]
        self.flip(record.end - len(record.body) - 16)

    def flip_time(self, index):
        """Flip a bit of the time in an entry's header, the last byte of it."""
        record = self.records[index]
        entry = record.parsed
        packed = entry.header.time.to_bytes(8)
        self.flip(self.segment.read_bytes().index(packed, record.start) + 7)

    def flip_body(self, index):
        """Flip a bit of what an entry says."""
        self.flip(self.records[index].end - 3)

    def put(self, records):
        """Lay other records into the segment, pairs of entry and body, and an index that has them,
        as if all of them had been acknowledged.
        """
        self.segment.write_bytes(b"".join(format_record(*one) for one in records))
        rows = [one.start.to_bytes(8) + one.parsed.id for one in self.records]
        (self.chain_folder / "index").write_bytes(b"".join(rows))

    # What is done to what is derived

    def poison_index(self):
        """The index has other ids than the records, but for the last; the tree has to be made."""
        path = self.chain_folder / "index"
        data = path.read_bytes()
        for one in self.ids()[:-1]:
            assert one in data
            data = data.replace(one, sha256(one).digest())
        path.write_bytes(data)
        (self.chain_folder / "tree").unlink(missing_ok=True)

    def poison_tree(self, ids):
        """The stored tree is that of another history."""
        path = self.chain_folder / "tree"
        path.unlink(missing_ok=True)
        tree = Tree(FileCells(path), lambda start, stop: b"".join(ids[start:stop]), len(ids))
        with closing(tree):
            tree.root(len(ids))


def other_ids(yard):
    """The ids of another history, of which only the first entry is that of the chain."""
    return [yard.chain, *(sha256(bytes([n])).digest() for n in range(SIZE - 1))]
