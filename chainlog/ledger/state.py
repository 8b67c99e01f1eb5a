"""A user's state: what they know of chains, in a folder of their own and nowhere else.

    HOME/key.pem            the default key
    HOME/marks/             the head last acknowledged of each chain (FORMAT.md 5)
    HOME/copies/            in which copies a chain was written from here (`turns.py`)
    HOME/compared/          heads of chains that were compared with another copy (`ledger.py`)
    HOME/begun/             how ledgers begin that are not opened to the end (`begun.py`)
    HOME/checkpoints/       a folder a chain: every checkpoint that was seen of it (FORMAT.md 9)
    HOME/verified/          how far chains were verified, under the user's signature (FORMAT.md 9)
    HOME/items/             what was read of each ledger, to answer questions (`index/`)
    HOME/witness/           a folder a key: what a witness cosigned last
    HOME/taken-over         from which folders state was taken over (`takeover.py`), a line each

HOME is `$CHAINLOG_HOME`, or `chainlog` below the user's configuration folder, whatever key is used.
It never follows from where a key or a ledger lies: whoever hands one over would else decide what
its reader remembers.
"""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from chainlog.errors import Sentence

MARKS: Final = "marks"
COPIES: Final = "copies"
CHECKPOINTS: Final = "checkpoints"
VERIFIED: Final = "verified"
WITNESS: Final = "witness"


def default_home() -> Path:
    """Where a user's keys and state are kept.

    `$CHAINLOG_HOME`, or `chainlog` below the user's configuration folder.
    """
    home = os.environ.get("CHAINLOG_HOME")
    if home:
        return Path(home)
    base = os.environ.get("XDG_CONFIG_HOME")
    return (Path(base) if base else Path.home() / ".config") / "chainlog"


def way_out(*folders: Path) -> Sentence:
    """What to do where state in these folders cannot be read or written."""
    return Sentence(
        "make room; or, where they were left by sudo, make them yours: "
        "sudo chown -R $(id -u) {folders}",
        folders=" ".join(shlex.quote(str(one.absolute())) for one in folders),
    )


@dataclass(frozen=True, slots=True)
class State:
    """The places below a home. None of them needs to be there."""

    home: Path

    @classmethod
    def of_user(cls) -> State:
        """The state of whoever runs this program."""
        return cls(default_home())

    @property
    def key(self) -> Path:
        """The key that is used where none is named."""
        return self.home / "key.pem"

    @property
    def marks(self) -> Path:
        """The folder of high-water marks."""
        return self.home / MARKS

    @property
    def compared(self) -> Path:
        """The folder of heads that were compared with another copy."""
        return self.home / "compared"

    @property
    def verified(self) -> Path:
        """The folder of notes of what was verified."""
        return self.home / VERIFIED

    @property
    def items(self) -> Path:
        """The folder of item indexes."""
        return self.home / "items"

    @property
    def witness(self) -> Path:
        """The folder of what witnesses cosigned, by the names of their keys."""
        return self.home / WITNESS

    def copies(self, chain: bytes) -> Path:
        """The file of the copies of a chain that were written from here."""
        return self.home / COPIES / chain.hex()

    def seen(self, chain: bytes) -> Path:
        """The folder of the checkpoints that were seen of a chain."""
        return self.home / CHECKPOINTS / chain.hex()
