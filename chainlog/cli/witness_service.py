"""A witness as a service: it serves until a signal, and brings its ledger up to date by itself."""

from __future__ import annotations

import signal
import sys
from threading import Thread
from typing import TYPE_CHECKING

import click

from chainlog.cli.output import say, warn
from chainlog.errors import ChainlogError, Sentence
from chainlog.events.wording import SHORT_ID, printable
from chainlog.export.words.catalogue import words
from chainlog.format.note import format_vkey

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from chainlog.format.cosignature import Cosigner
    from chainlog.hub.witness.server import WitnessServer


def note(text: str) -> None:
    """Remark on something, on standard error; what others wrote is made safe to print."""
    warn(printable(words().tell(text)))


def serve_until_stopped(server: WitnessServer, cosigner: Cosigner, host: str) -> None:
    """Serve until a signal says to stop; what is being cosigned is answered first."""

    def stop(_number: int, _frame: object) -> None:
        Thread(target=server.shutdown, daemon=True).start()

    before = [(number, signal.signal(number, stop)) for number in (signal.SIGTERM, signal.SIGINT)]
    try:
        name = cosigner.vkey.name
        click.echo(
            f"witness {name} {format_vkey(cosigner.vkey)} http://{host}:{server.server_port}"
        )
        sys.stdout.flush()
        server.serve_forever()
    finally:
        server.server_close()
        for number, handler in before:
            signal.signal(number, handler)
    say("stopped")


def syncing_from(path: Path, marks: Path, folders: Sequence[Path]) -> Callable[[], None]:
    """What brings the ledger up to date from other folders, whatever becomes of any of them."""
    from chainlog.index.index import forget_items  # noqa: PLC0415  (only for a witness that syncs)
    from chainlog.ledger.ledger import Ledger  # noqa: PLC0415
    from chainlog.sync.folder import sync_folder  # noqa: PLC0415

    def refresh() -> None:
        for folder in folders:
            try:
                with Ledger.open(path, marks=marks) as ledger:
                    told = sync_folder(ledger, folder, parallel=1)
                    if told.erased.bodies or any(one.fuller for one in told.chains):
                        forget_items(ledger)
            except ChainlogError as error:
                note(Sentence("{folder}: {why}", folder=folder, why=error.message))
                continue
            for one in told.chains:
                if one.state in {"fork", "problem", "fault"}:
                    says = (
                        one.fault.says
                        if one.fault is not None
                        else one.problem.message
                        if one.problem is not None
                        else Sentence("a fork; kept")
                    )
                    chain = one.chain.hex()[:SHORT_ID]
                    note(Sentence("{folder}: {chain}: {why}", folder=folder, chain=chain, why=says))

    return refresh
