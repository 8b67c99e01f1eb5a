"""What somebody does with the files that are derived from a chain, and what the commands then say.

A courier has the ledger's folder and no key. Whoever looks has a home of his own, and the marks
that the attack gives him.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

import pytest

from chainlog.cli.main import main
from chainlog.format.body import withhold
from chainlog.format.entry import entry_id
from chainlog.format.record import format_record
from chainlog.ledger.marks import Marks
from chainlog.store.engine import Head

if TYPE_CHECKING:
    from pathlib import Path

    from attacks.hands import Chain
    from attacks.world import World

AS_OF = "2023-06-01"


class Answer(NamedTuple):
    """What a command said, and its exit code."""

    code: int
    out: str
    err: str


@dataclass
class Scene:
    """A copy of the world on a stick, and the home of whoever looks at it."""

    world: World
    home: Path
    capsys: pytest.CaptureFixture[str]
    marked: list[str] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        """The ledger on the stick."""
        return self.world.folder

    def chain(self, site: str) -> Chain:
        """A chain in the hands of the courier."""
        return self.world.chain(site)

    def prefix(self, site: str) -> str:
        """How the commands are told of a chain."""
        return self.world.chains[site].hex()[:16]

    def ask(self, *args: str) -> Answer:
        """Run a command over the ledger on the stick."""
        self.capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main(["--ledger", str(self.folder), *args])
        said = self.capsys.readouterr()
        place = str(self.world.home)
        assert isinstance(left.value.code, int)
        return Answer(
            left.value.code,
            said.out.replace(place, "HERE").replace(str(self.home), "HOME"),
            said.err.replace(place, "HERE").replace(str(self.home), "HOME"),
        )

    def mark(self, site: str) -> None:
        """Whoever looks has held all of a chain himself."""
        chain = self.chain(site)
        marks = Marks(self.home / "marks")
        marks.put(chain.id, Head(chain.size, entry_id(chain.entries[-1])))
        self.marked.append(site)

    def bytes(self) -> dict[str, bytes]:
        """Every file on the stick, but the stored trees of chains that are one's own."""
        mine = [self.world.path(site) / "tree" for site in self.marked]
        return {
            str(path.relative_to(self.folder)): sha256(path.read_bytes()).digest()
            for path in sorted(self.folder.rglob("*"))
            if path.is_file() and path not in mine
        }

    def catalogues(self) -> list[Path]:
        """The item indexes in the home of whoever looks."""
        return sorted(self.home.rglob("*.sqlite"))


def rows_of(chain: Chain) -> list[tuple[int, bytes]]:
    """What a true index of the chain says: of each entry the offset in its segment, and the id."""
    firsts, rows, at = sorted(chain.segments()), list[tuple[int, bytes]](), 0
    for index, raw in enumerate(chain.entries):
        at = 0 if index in firsts else at
        rows.append((at, entry_id(raw)))
        at += len(format_record(raw, chain.bodies[index]))
    return rows


def lay_index(chain: Chain, rows: list[tuple[int, bytes]]) -> None:
    """Lay an index of these rows beside the chain."""
    data = b"".join(offset.to_bytes(8) + name for offset, name in rows)
    (chain.path / "index").write_bytes(data)


def put_beside(chain: Chain, index: int, record: bytes) -> int:
    """Append a record to the segment that holds an entry; returns where it stands."""
    firsts = sorted(chain.segments())
    path = chain.path / f"{firsts[bisect_right(firsts, index) - 1]:020d}.seg"
    data = path.read_bytes()
    path.write_bytes(data + record)
    return len(data)


def forged(chain: Chain, index: int, author: bytes) -> tuple[bytes, bytes]:
    """An entry `index` that says that a chief handed all over to a thief, and its record.

    Its signature is nobody's.
    """
    from attacks.keys import key, sealed, transfer  # noqa: PLC0415  (only for those who forge)

    from chainlog.format.body import commit  # noqa: PLC0415  (as above)

    body, digest = commit(transfer("SN-1"), bytes(32))
    raw = sealed(chain.header(index), key("courier"), author=author, kind="transfer", body=digest)
    return entry_id(raw), format_record(raw, body)


def everything(scene: Scene) -> list[tuple[str, ...]]:
    """What anybody asks of a ledger."""
    return [
        ("status", "--json"),
        ("log", "--json"),
        ("log",),
        ("export", "jsonl"),
        ("export", "csv"),
        ("audit", "--as-of", AS_OF, "--json"),
        ("trace", "1ABC2/M777/SN-2", "--as-of", AS_OF, "--json"),
        ("holdings", "--as-of", AS_OF),
    ]


def withheld(chain: Chain, kind: str, field: str) -> list[bytes]:
    """The bodies of a chain, without one field of all entries of a kind."""
    return [
        withhold(body, chain.header(index).body, {field})
        if chain.header(index).kind == kind and body
        else body
        for index, body in enumerate(chain.bodies)
    ]
