"""What every verb needs: the ledger, the key, the way to speak. Data goes to stdout, all else to stderr."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from chainlog.agent import PREFIX, wanted_of
from chainlog.cli.main import plain_json
from chainlog.errors import NoLedgerError, PassphraseError
from chainlog.keyfile import read_key
from chainlog.ledger import Ledger, default_home
from chainlog.ledgerfile import NAME, read_ledger_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from chainlog.keys import Signer


def find_ledger(ctx: click.Context) -> Path:
    """The ledger that was named, or the one that this folder lies in. Raises NoLedgerError."""
    named = ctx.find_root().obj["ledger"]
    if named:
        return Path(named)
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / NAME).is_file():
            return folder
    raise NoLedgerError(f"no ledger in {here} or above", hint="'chainlog init' makes one; --ledger or $CHAINLOG_LEDGER names one")


def key_path(ctx: click.Context, ledger: Path | None = None) -> Path:
    """The key: named, or the one that the ledger names, or the user's own. Of a file the path, of an agent's key `agent:…` as it stands."""
    named = ctx.find_root().obj["key"]
    if named:
        path = Path(named)
        # A file of such a name is said as './agent:…', which a path forgets.
        return path if named.startswith(PREFIX) or wanted_of(path) is None else path.absolute()
    told = read_ledger_file(ledger).key if ledger is not None else None
    if ledger is not None and told:
        return Path(told) if told.startswith(PREFIX) else (ledger / told).resolve()
    return default_home() / "key.pem"


def marks_folder(key: Path) -> Path:
    """High-water marks are kept beside the key; those of an agent's key in the user's own folder."""
    folder = default_home() if wanted_of(key) is not None else key.resolve().parent
    return folder / "marks"


def read_passphrase(prompt: str = "passphrase", *, confirm: bool = False) -> bytes:
    """The passphrase: from the file that `$CHAINLOG_PASSPHRASE_FILE` names, or typed. Raises PassphraseError."""
    named = os.environ.get("CHAINLOG_PASSPHRASE_FILE")
    if named:
        try:
            return Path(named).read_bytes().rstrip(b"\r\n")
        except OSError as error:
            raise PassphraseError(f"the passphrase file {named} cannot be read: {error.strerror}") from None
    if not sys.stdin.isatty():
        raise PassphraseError(
            "a passphrase is needed, and nobody is here to type it", hint="name a file that holds it in $CHAINLOG_PASSPHRASE_FILE"
        )
    typed: str = click.prompt(prompt, hide_input=True, err=True, confirmation_prompt=confirm, default="", show_default=False)
    return typed.encode()


def read_signer(path: Path) -> Signer:
    """The signer of a key: of a file, unlocked with the passphrase where it has one, or of an ssh-agent, which unlocks it itself."""
    return read_key(path, lambda: read_passphrase(f"passphrase for {path.name}"))


def open_ledger(ctx: click.Context, *, write: bool = False) -> Ledger:
    """The ledger, to look at or, with the user's key, to write. The caller closes it (`with`)."""
    folder = find_ledger(ctx)
    key = key_path(ctx, folder)
    signer = read_signer(key) if write else None
    return Ledger.open(folder, signer, marks=marks_folder(key))


def say(text: str) -> None:
    """A word to the person, on stderr."""
    click.echo(text, err=True)


def warn(text: str) -> None:
    """Something that a person should know, on stderr."""
    click.echo(f"chainlog: note: {text}", err=True)


def emit(value: Any) -> None:  # noqa: ANN401  (JSON has no better type)
    """One JSON value, on a line of stdout."""
    click.echo(plain_json(value))


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], *, title: str | None = None) -> None:
    """Rows for a person: a table on a terminal, otherwise the same cells with tabs between them."""
    if not sys.stdout.isatty():
        for row in rows:
            click.echo("\t".join(cell.replace("\t", " ").replace("\n", " ") for cell in row))
        return
    from rich.console import Console  # noqa: PLC0415  (slow, and only for a terminal)
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    shown = Table(*headings, title=title, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        shown.add_row(*(Text(cell) for cell in row))
    Console().print(shown)
