"""A process that is meant to be struck: it tells a story, or runs the command.

Started as `python driver.py`, it imports what either needs, once. Then it reads lines from stdin:
JSON, `[story, places, log]`. For each it forks a child, which stops itself, so that there is time
to trace it, and does what the story says once it gets SIGCONT. On stdout it says `child NUMBER`
when the child has stopped, and `exit STATUS` when it has ended. What the child says stands in LOG,
a writer's acknowledgements as they come, and its errors in LOG.err.

The places of the story `command` are the user's own folder and the arguments.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import io
import itertools
import json
import os
import pkgutil
import signal
import sys
import tempfile
import traceback
from importlib import import_module
from pathlib import Path

import chainlog
from chainlog.cli.main import main as chainlog_command
from chainlog.errors import ChainlogError, StoreError
from chainlog.events.event import Event
from chainlog.format.keys import Ed25519Signer
from chainlog.hub.witness.keys import cosigner_of, read_witness_key, witness_folder
from chainlog.hub.witness.state import kept_vkey
from chainlog.hub.witness.witness import Witness
from chainlog.ledger.ledger import Ledger
from chainlog.ledger.state import State

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


def command(home, *arguments):
    """Run `chainlog` with these arguments, as it ends by itself."""
    os.environ["CHAINLOG_HOME"] = home
    os.environ["CHAINLOG_LANG"] = "en"
    code = CRASHED
    try:
        chainlog_command(list(arguments))
    except SystemExit as ended:
        code = ended.code
        sys.stdout.flush()
    except BaseException:  # noqa: BLE001  (the test reads it)
        traceback.print_exc()
    sys.stderr.flush()
    os._exit(code)


def answers(home, ledger, key, request):
    """A witness answers a request `add-checkpoint`, as over HTTP; prints the status and the rest.

    It ends well where it cosigned, or says what it cosigned last.
    """
    with StoreError.from_os("{path} cannot be read: {why}", path=request):
        asked = request.read_bytes()
    signing = read_witness_key(key, bytes)
    folder = witness_folder(State(home), signing)
    cosigner = cosigner_of(signing, kept_vkey(folder).name)
    with Ledger.open(ledger, marks=home / "marks") as opened:
        witness = Witness(opened, [cosigner], folder, tell=lambda says: tell("told", says))
        response = witness.add_checkpoint(asked)
    tell("status", response.status)
    tell("body", response.body.decode())
    if response.status not in {200, 409}:
        sys.exit(1)


def tell_story(story, places):
    """A writer's story; an error of ours ends it."""
    try:
        story(*map(Path, places))
    except ChainlogError as error:
        tell("error", error.code)
        sys.exit(1)


STORIES = {story.__name__: story for story in (three, without_end, answers)}
# What a command exits with that raised what is none of our errors.
CRASHED = 99


def import_all():
    """Some modules are imported late: all of the package, and what a writer imports."""
    for module in pkgutil.walk_packages(chainlog.__path__, "chainlog."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    with tempfile.TemporaryDirectory() as name:
        ledger, marks, photo = (Path(name) / part for part in ("ledger", "marks", "photo.jpg"))
        photo.touch()
        Ledger.create(ledger, OPENING, SIGNER, marks=marks).close()
        with contextlib.redirect_stdout(io.StringIO()):
            three(ledger, marks, photo)


def take_place(log):
    """In the child: what it says goes to the log, and it stops until somebody says go on.

    Nobody is at its keyboard: what the driver reads is not for it.
    """
    sys.stdin = Path(os.devnull).open()  # noqa: SIM115  (as long as the child lives)
    for descriptor, place in ((1, log), (2, f"{log}.err")):
        os.dup2(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), descriptor)
    ctypes.CDLL(None).prctl(_SET_PTRACER, _ANYONE, 0, 0, 0)
    os.kill(os.getpid(), signal.SIGSTOP)


def main():
    import_all()
    gc.freeze()  # what was imported is no rubbish; a child that looked would copy its memory
    for line in sys.stdin:
        story, places, log = json.loads(line)
        child = os.fork()
        if child == 0:
            take_place(log)
            if story == "command":
                command(*places)
            tell_story(STORIES[story], places)
            return
        os.waitpid(child, os.WUNTRACED)
        tell("child", child)
        tell("exit", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


if __name__ == "__main__":
    main()
