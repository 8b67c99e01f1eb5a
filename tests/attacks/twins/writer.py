"""A process that writes in one copy: `python writer.py STORY FOLDER …`.

Each entry that was acknowledged is a line on stdout: its index and its id.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

from support.chains import transfer

from chainlog.errors import ReadOnlyError, StoreError
from chainlog.events.event import Event
from chainlog.ledger.ledger import Ledger
from chainlog.ledger.marks import Marks
from chainlog.ledger.signers.files import read_key
from chainlog.sync.folder import sync_folder

REFUSALS = 2000


def signer():
    return read_key(Path(os.environ["CHAINLOG_HOME"]) / "key.pem", bytes)


def tell(entry):
    sys.stdout.write(json.dumps([entry.header.index, entry.id.hex()]) + "\n")
    sys.stdout.flush()


def killed(folder):
    """It is killed when its entry is on the disk, and would be marked."""
    with Ledger.open(folder, signer()) as ledger:
        ledger.prepare()
        Marks.put = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
        tell(ledger.append(Event.parse("transfer", transfer(7))))


def by_turns(folder, other, count):
    """It writes, and where the other copy has more, takes that first."""
    written = 0
    for _ in range(REFUSALS):
        try:
            with Ledger.open(folder, signer()) as ledger:
                while written < int(count):
                    tell(ledger.append(Event.parse("transfer", transfer(written))))
                    written += 1
        except ReadOnlyError:
            with Ledger.open(folder) as ledger:
                sync_folder(ledger, Path(other), parallel=1)
        except StoreError:
            continue
        if written == int(count):
            return
    sys.exit("it was refused too often")


if __name__ == "__main__":
    {"killed": killed, "by_turns": by_turns}[sys.argv[1]](*sys.argv[2:])
