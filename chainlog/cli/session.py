"""What every verb needs: the ledger, the key, the way to speak.

Data goes to stdout, all else to stderr.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from chainlog.cli.output import say
from chainlog.errors import ChainlogError, KeyfileError, NoLedgerError, PassphraseError
from chainlog.export.words.catalogue import said
from chainlog.ledger.config import NAME, read_ledger_file
from chainlog.ledger.ledger import Ledger
from chainlog.ledger.signers.agent import PREFIX, wanted_of
from chainlog.ledger.signers.files import read_key
from chainlog.ledger.state import State
from chainlog.ledger.takeover import take_over

if TYPE_CHECKING:
    from chainlog.format.keys import Signer


def find_ledger(ctx: click.Context) -> Path:
    """The ledger that was named, or the one that this folder lies in. Raises NoLedgerError."""
    named = ctx.find_root().obj["ledger"]
    if named:
        return Path(named)
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / NAME).is_file():
            return folder
    raise NoLedgerError(
        "no ledger in {folder} or above",
        folder=here,
        hint="'chainlog init' makes one; --ledger or $CHAINLOG_LEDGER names one",
    )


def user_state(ctx: click.Context) -> State:
    """What the user knows of chains, in their own folder whatever key is used.

    What an earlier version kept beside the key that they named, or their own, is taken over once.
    """
    state = State.of_user()
    path = _named_key(ctx) or state.key
    if wanted_of(path) is None and take_over(state, path.resolve().parent):
        place = path.resolve().parent
        say(
            said(
                "what an earlier version kept beside the key, in {place}, is now in {home}",
                place=place,
                home=state.home,
            )
        )
    return state


def _named_key(ctx: click.Context) -> Path | None:
    """The key that the user named, with --key or $CHAINLOG_KEY."""
    named = ctx.find_root().obj["key"]
    if not named:
        return None
    path = Path(named)
    # A file of such a name is said as './agent:…', which a path forgets.
    return path if named.startswith(PREFIX) or wanted_of(path) is None else path.absolute()


def key_path(ctx: click.Context, ledger: Path | None = None) -> Path:
    """The key: named, or the one that the ledger names, or the user's own.

    Of a file the path, of an agent's key `agent:…` as it stands.
    """
    named = _named_key(ctx)
    if named is not None:
        return named
    told = read_ledger_file(ledger).key if ledger is not None else None
    if ledger is not None and told:
        return Path(told) if told.startswith(PREFIX) else (ledger / told).resolve()
    return State.of_user().key


def own_key_path(ctx: click.Context) -> Path:
    """The key that is named, otherwise that of the ledger found here, otherwise the user's own."""
    try:
        return key_path(ctx, find_ledger(ctx))
    except ChainlogError:
        return key_path(ctx)


def read_passphrase(prompt: str = "passphrase", *, confirm: bool = False) -> bytes:
    """The passphrase: from the file that `$CHAINLOG_PASSPHRASE_FILE` names, or typed.

    Raises PassphraseError.
    """
    named = os.environ.get("CHAINLOG_PASSPHRASE_FILE")
    if named:
        try:
            return Path(named).read_bytes().rstrip(b"\r\n")
        except OSError as error:
            raise PassphraseError(
                "the passphrase file {named} cannot be read: {why}", named=named, why=error.strerror
            ) from None
    if not sys.stdin.isatty():
        raise PassphraseError(
            "a passphrase is needed, and nobody is here to type it",
            hint="name a file that holds it in $CHAINLOG_PASSPHRASE_FILE",
        )
    typed: str = click.prompt(
        prompt,
        hide_input=True,
        err=True,
        confirmation_prompt=confirm,
        default="",
        show_default=False,
    )
    return typed.encode()


def new_passphrase(path: Path, *, open_to_all: bool) -> bytes | None:
    """The passphrase for a key that is to be written to `path`, None for a file without one.

    Raises KeyfileError where a file is there already, PassphraseError.
    """
    if path.exists():
        raise KeyfileError(
            "{path} is there already",
            path=path,
            hint="choose another name: a key that is written over is lost for ever",
        )
    passphrase = None if open_to_all else read_passphrase(said("new passphrase"), confirm=True)
    if passphrase == b"":
        raise PassphraseError(
            "an empty passphrase protects nothing",
            hint="give one, or --no-passphrase where the disk is encrypted",
        )
    return passphrase


def read_signer(path: Path) -> Signer:
    """The signer of a key: of a file, or of an ssh-agent.

    A file is unlocked with the passphrase where it has one. An ssh-agent unlocks the key itself.
    """
    return read_key(path, lambda: read_passphrase(said("passphrase for {name}", name=path.name)))


def open_ledger(ctx: click.Context, *, write: bool = False) -> Ledger:
    """The ledger, to look at or, with the user's key, to write. The caller closes it (`with`)."""
    folder = find_ledger(ctx)
    signer = read_signer(key_path(ctx, folder)) if write else None
    return Ledger.open(folder, signer, marks=user_state(ctx).marks)
