"""A writer that is meant to be struck: it opens a ledger, and appends.

Started as `python driver.py`, it imports what a writer needs, once. Then it reads lines from stdin:
JSON, `[story, ledger, marks, photo, log]`. For each it forks a child, which stops itself, so that
there is time to trace it, and does what the story says once it gets SIGCONT. On stdout it says
`child NUMBER` when the child has stopped, and `exit STATUS` when it has ended. The child says each
acknowledgement in LOG as it comes, and its errors in LOG.err.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import io
import itertools
import json
import os
import signal
import sys
import tempfile
from pathlib import Path

from chainlog.errors import ChainlogError
from chainlog.events.event import Event
from chainlog.format.keys import Ed25519Signer
from chainlog.ledger.ledger import Ledger

SIGNER = Ed25519Signer.from_seed(b"d" * 32)
OPENING = {
    "origin": "example.org/site",
    "site": "Склад 7",
    "keys": [{"key": SIGNER.key_id, "roles": ["owner", "custodian"]}],
    "holders": [{"name": "Олена"}],
}
_SET_PTRACER, _ANYONE = 0x59616D61, ctypes.c_ulong(-1)  # prctl(2)


def transfer(n, **more):
    lines = [{"item": {"maker": "1ABC2", "part": "M777", "serial": f"SN-{n}"}}]
    return Event.parse(
        "transfer",
        {"event_time": "2023-03-01T08:00:00Z", "from": "A", "to": "B", "lines": lines, **more},
    )


def tell(word, value):
    sys.stdout.write(f"{word} {value}\n")
    sys.stdout.flush()


def three(ledger, marks, photo):
    """Append two events, keep an attachment, append an event that names it."""
    with Ledger.open(ledger, SIGNER, marks=marks) as opened:
        for n in range(2):
            tell("entry", opened.append(transfer(n)).id.hex())
        attachment = opened.attach(photo, "image/jpeg")
        tell("blob", attachment["sha256"].hex())
        tell("entry", opened.append(transfer(2, attachments=[attachment])).id.hex())


def without_end(ledger, marks, _photo):
    """Append groups of one to five events for ever."""
    with Ledger.open(ledger, SIGNER, marks=marks) as opened:
        for n in itertools.count():
            for entry in opened.append_many([transfer(n + k) for k in range(1 + n % 5)]):
                tell("entry", entry.id.hex())


STORIES = {story.__name__: story for story in (three, without_end)}


def import_all():
    """Some modules are imported late: tell a story once, of a ledger that nobody needs."""
    with tempfile.TemporaryDirectory() as name:
        ledger, marks, photo = (Path(name) / part for part in ("ledger", "marks", "photo.jpg"))
        photo.touch()
        Ledger.create(ledger, OPENING, SIGNER, marks=marks).close()
        with contextlib.redirect_stdout(io.StringIO()):
            three(ledger, marks, photo)


def take_place(log):
    """In the child: what it says goes to the log, and it stops until somebody says go on."""
    for descriptor, place in ((1, log), (2, f"{log}.err")):
        os.dup2(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), descriptor)
    ctypes.CDLL(None).prctl(_SET_PTRACER, _ANYONE, 0, 0, 0)
    os.kill(os.getpid(), signal.SIGSTOP)


def main():
    import_all()
    gc.freeze()  # what was imported is no rubbish; a child that looked would copy its memory
    for line in sys.stdin:
        story, *places, log = json.loads(line)
        child = os.fork()
        if child == 0:
            take_place(log)
            try:
                STORIES[story](*map(Path, places))
            except ChainlogError as error:
                tell("error", error.code)
                sys.exit(1)
            return
        os.waitpid(child, os.WUNTRACED)
        tell("child", child)
        tell("exit", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


if __name__ == "__main__":
    main()
