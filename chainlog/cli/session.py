"""What every verb needs: the ledger, the key, the way to speak.

Data goes to stdout, all else to stderr.
"""

from __future__ import annotations

import os
import shlex
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from chainlog.cli.confirm import is_agreed
from chainlog.cli.output import say, warn
from chainlog.cli.recognise import EMPTY, PUBLIC, SECRET, expecting, refuse_file
from chainlog.errors import (
    ChainlogError,
    KeyfileError,
    NoLedgerError,
    PassphraseError,
    Sentence,
    StoreError,
)
from chainlog.events.wording import printable
from chainlog.export.words.catalogue import said
from chainlog.ledger.beside import said_beside
from chainlog.ledger.config import NAME, read_ledger_file
from chainlog.ledger.copies import may_be_older, settle
from chainlog.ledger.ledger import Ledger
from chainlog.ledger.marks import Marks
from chainlog.ledger.signers.agent import PREFIX, wanted_of
from chainlog.ledger.signers.files import look_at_key, read_key, there_already
from chainlog.ledger.state import State
from chainlog.ledger.takeover import further_beside, left_beside, take_over
from chainlog.store.segment.files import real_path

if TYPE_CHECKING:
    from chainlog.format.keys import Signer


def find_ledger(ctx: click.Context) -> Path:
    """The ledger that was named, or the one that this folder lies in. Raises NoLedgerError."""
    named = ctx.find_root().obj["ledger"]
    if named:
        refuse_file(Path(named))
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
    _take_over(state, path)
    return state


def _take_over(state: State, key: Path) -> None:
    if wanted_of(key) is not None:
        return
    place = real_path(key).parent
    if take_over(state, place):
        say(
            said(
                "what an earlier version kept beside the key, in {place}, is now in {home}",
                place=place,
                home=state.home,
            )
        )
    elif left := left_beside(state, place):
        say(
            said(
                "what lies beside the key, in {place}, is not taken for your state: it was handed "
                "over with a ledger, or lies on another disk, or is somebody else's; if it is "
                "yours: mkdir -p {home} && cp -rn {folders} {home}",
                place=place,
                folders=" ".join(shlex.quote(str(one)) for one in left),
                home=shlex.quote(str(state.home.absolute())),
            )
        )

    for mark in further_beside(state, place):
        say(
            said(
                "the mark {mark}, beside the key, says that more of a chain was acknowledged than "
                "is known here, and is not taken; if it is yours: cp {file} {marks}; if it is not: "
                "rm {file}",
                mark=mark,
                file=shlex.quote(str(mark)),
                marks=shlex.quote(str(state.marks.absolute())),
            )
        )


def _named_key(ctx: click.Context) -> Path | None:
    """The key that the user named, with --key or $CHAINLOG_KEY."""
    named = ctx.find_root().obj["key"]
    if not named:
        return None
    path = Path(named)
    # A file of such a name is said as './agent:…', which a path forgets.
    return path if named.startswith(PREFIX) or wanted_of(path) is None else path.absolute()


def shown_key(ctx: click.Context, ledger: Path | None = None) -> tuple[Path, bool]:
    """The key: named, or the one that the ledger names, or the user's own; and whether it is known.

    Of a file the path, of an agent's key `agent:…` as it stands. One that a ledger names is known
    only where the user recorded in it: whoever hands over a ledger would else choose what is opened
    here, or which key signs.
    """
    named, state = _named_key(ctx), user_state(ctx)
    if named is not None or ledger is None:
        return named or state.key, True
    told = read_ledger_file(ledger)
    if not told.key:
        return state.key, True
    path = Path(told.key) if told.key.startswith(PREFIX) else real_path(ledger / told.key)
    # Whatever stands there now: what is wrong with it is told where it is used.
    return path, os.path.lexists(state.copies(told.chain))


def key_path(ctx: click.Context, ledger: Path | None = None) -> Path:
    """The key to sign with, as `shown_key` has it.

    One that a ledger names and that is not known is asked for, on a terminal. Raises KeyfileError.
    """
    path, known = shown_key(ctx, ledger)
    if _named_key(ctx) is not None or ledger is None:
        return path
    if not known:
        # A mark that cannot be read is told as that.
        Marks(State.of_user().marks).get(read_ledger_file(ledger).chain)
    own = State.of_user().key
    there = wanted_of(path) is not None or path.is_file()
    if known and (there or path == own):
        return path
    if there and sys.stdin.isatty():
        question = said(
            "this ledger names the key {path}, and nothing was recorded in it from here: use it?",
            path=path,
        )
        if is_agreed(printable(question)):
            _take_over(State.of_user(), path)
            return path
    raise _refused(path, ledger, there=there)


def _refused(path: Path, ledger: Path, *, there: bool) -> KeyfileError:
    """Why the key that a ledger names is not used, and which one to name."""
    own = State.of_user().key
    if own.is_file() and (not there or _may_sign(own, ledger)):
        hint = Sentence(
            "yours is in the default place: --key {own}", own=shlex.quote(str(own.absolute()))
        )
    elif there:
        hint = Sentence("if you know it, name it: --key {path}", path=shlex.quote(str(path)))
    else:
        hint = Sentence("name yours: --key FILE")
    if not there:
        return KeyfileError(
            "no key at {path}, which is the one that this ledger names", path=path, hint=hint
        )
    return KeyfileError(
        (
            "this ledger names the key {path}, and nothing was recorded in it from here, so it is "
            "not used unasked"
        ),
        path=path,
        hint=hint,
    )


def _may_sign(key: Path, ledger: Path) -> bool:
    """Whether a key may sign in a ledger's own chain, as far as is seen without a passphrase."""
    try:
        seen = look_at_key(key)
        with Ledger.open(ledger) as held:
            return seen is not None and seen.key_id in held.roster().keys
    except ChainlogError:
        return False


def own_key_path(ctx: click.Context) -> Path:
    """The key to look at: named, otherwise that of a ledger of the user's, otherwise their own.

    Nobody is asked.
    """
    with suppress(StoreError):
        path, known = shown_key(ctx, find_ledger(ctx))
        if known and (wanted_of(path) is not None or path.is_file()):
            return path
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
    try:
        typed: str = click.prompt(
            prompt,
            hide_input=True,
            err=True,
            confirmation_prompt=confirm,
            default="",
            show_default=False,
        )
    except UnicodeDecodeError:
        raise PassphraseError(
            "what was typed is no text in this terminal's encoding",
            hint="name a file that holds it in $CHAINLOG_PASSPHRASE_FILE",
        ) from None
    return typed.encode(errors="surrogateescape")


def new_passphrase(
    path: Path, *, open_to_all: bool, shows: str = "key show {file}"
) -> bytes | None:
    """The passphrase for a key that is to be written to `path`, None for a file without one.

    `shows`: the verb that says which key is in {file}.

    Raises KeyfileError where a file is there already, PassphraseError.
    """
    if path.exists():
        raise there_already(path, shows)
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
    with expecting(str(path), path, SECRET, PUBLIC, EMPTY):
        return read_key(
            path, lambda: read_passphrase(said("passphrase for {name}", name=path.name))
        )


def ask_only_copy(ledger: Ledger) -> None:
    """Where a ledger that is to be written may be an older copy, ask a person at the keyboard.

    Whoever does not say that it is the only one is told how to compare it, when it is written.
    """
    if ledger.signer is None or not sys.stdin.isatty():
        return
    head = ledger.head
    if may_be_older(ledger, head, ledger.signer.key_id):
        question = said(
            "this machine never wrote this ledger, which ends with entry {index} and in which your "
            "key may sign; may anybody hold more? is this the only copy that there is?",
            index=head.size - 1,
        )
        if is_agreed(question):
            settle(ledger, head)


def open_ledger(ctx: click.Context, *, write: bool = False) -> Ledger:
    """The ledger, to look at or, with the user's key, to write. The caller closes it (`with`)."""
    folder = find_ledger(ctx)
    signer = read_signer(key_path(ctx, folder)) if write else None
    ledger = Ledger.open(folder, signer, marks=user_state(ctx).marks)
    ask_only_copy(ledger)
    if write:
        warn_beside(ledger)
    return ledger


def warn_beside(ledger: Ledger) -> None:
    """Say what lies beside a ledger's files and should not."""
    for told in [] if ledger.folder is None else said_beside(ledger.folder, ledger.chain):
        warn(told)
