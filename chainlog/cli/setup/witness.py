"""`chainlog witness VERB`: be a witness.

And say, in an authority's chain, whose cosignatures count.

`cosign` exits with 3 where a chain was forked, rolled back, or signed over what does not hold, with
4 where it cannot be told. JSON: `new`, `vkey` {name, vkey, folder}; `cosign` {witness, chains:
[{chain, origin, state, size, root, time, says, fork}]}.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from chainlog.cli.append import govern, governing_options
from chainlog.cli.exit_codes import CANNOT_TELL, TAMPERED
from chainlog.cli.options import find_chain, json_flag, no_passphrase_option, read_chain_id
from chainlog.cli.output import answer, emit, misuse, say
from chainlog.cli.recognise import PUBLIC, SECRET, expecting
from chainlog.cli.session import (
    find_ledger,
    key_path,
    new_passphrase,
    open_ledger,
    own_key_path,
    read_passphrase,
    user_state,
)
from chainlog.cli.witness_service import note, serve_until_stopped, syncing_from
from chainlog.errors import KeyfileError, WitnessError
from chainlog.events.wording import SHORT_ID, format_time, printable
from chainlog.export.words.catalogue import said, words
from chainlog.format.keys import Ed25519Signer
from chainlog.format.note import format_vkey
from chainlog.ledger.state import State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chainlog.format.cosignature import Cosigner
    from chainlog.hub.witness.checks import ChainOutcome

_ADDRESS: Final = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([^:\[\]\s]+)):([0-9]{1,5})")

# The states of a chain whose history was changed.
_CHANGED: Final = frozenset({"forked", "rolled back", "invalid"})
_trust_option: Final = click.option(
    "--trust",
    metavar="ID",
    help="Only the authority's chain with this id, and those that it admits.",
)


@click.group()
def witness() -> None:
    """Be a witness; or say, in an authority's chain, which witnesses count."""


# In an authority's chain


@witness.command("admit")
@click.argument("vkey")
@governing_options
@click.pass_context
def witness_admit(ctx: click.Context, /, vkey: str, **how: Any) -> None:  # noqa: ANN401  (of `govern`)
    """Count the cosignatures of the witness with the verifier key VKEY.

    Only in an authority's chain.
    """
    govern(ctx, "witness.admit", {"vkey": vkey}, **how)


@witness.command("suspend")
@click.argument("vkey")
@governing_options
@click.pass_context
def witness_suspend(ctx: click.Context, /, vkey: str, **how: Any) -> None:  # noqa: ANN401  (of `govern`)
    """Count the cosignatures of the witness with the verifier key VKEY no longer.

    Only in an authority's chain.
    """
    govern(ctx, "witness.suspend", {"vkey": vkey}, **how)


# The witness's key


@witness.command("new")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--name",
    required=True,
    metavar="NAME",
    help="What it is called for good, such as hub.example/w1.",
)
@click.option(
    "--ml-dsa",
    is_flag=True,
    help="An ML-DSA-44 key, which quantum computers cannot forge; otherwise Ed25519.",
)
@no_passphrase_option
@json_flag("Print {name, vkey, folder}.")
def witness_new(file: Path, name: str, *, ml_dsa: bool, no_passphrase: bool, as_json: bool) -> None:
    """Make a witness's key in FILE, used for nothing else, and print its verifier key."""
    from chainlog.hub.witness.keys import cosigner_of, new_ml_dsa, witness_folder, write_witness_key  # noqa: PLC0415
    from chainlog.hub.witness.state import keep_vkey  # noqa: PLC0415  (as all of a witness: seldom needed)

    key = new_ml_dsa() if ml_dsa else Ed25519Signer.from_seed(os.urandom(32))
    vkey = cosigner_of(key, name).vkey
    passphrase = new_passphrase(file, open_to_all=no_passphrase, shows="--key {file} witness vkey")
    folder = witness_folder(State.of_user(), key)
    # First: a key without a name would be in the way of the next attempt.
    keep_vkey(folder, vkey)
    write_witness_key(file, key, passphrase)
    say(
        said(
            "the key is in {file}, and what it cosigns will be in {folder}: they "
            "belong together, and that folder is never put back older",
            file=file,
            folder=folder,
        )
    )
    _tell(cosigner_of(key, name), folder, as_json=as_json)


@witness.command("vkey")
@click.option(
    "--name",
    metavar="NAME",
    help="What it is called for good; only for a key that 'witness new' did not make.",
)
@json_flag("Print {name, vkey, folder}.")
@click.pass_context
def witness_vkey(ctx: click.Context, name: str | None, *, as_json: bool) -> None:
    """Print the verifier key of the witness whose key --key names.

    For policies, and for an authority to admit.
    """
    cosigner, folder = _cosigner(ctx, own_key_path(ctx), name)
    _tell(cosigner, folder, as_json=as_json)


def _tell(cosigner: Cosigner, folder: Path, *, as_json: bool) -> None:
    text = format_vkey(cosigner.vkey)
    if as_json:
        emit({"name": cosigner.vkey.name, "vkey": text, "folder": str(folder)})
    else:
        click.echo(text)


def _cosigner(ctx: click.Context, path: Path, name: str | None = None) -> tuple[Cosigner, Path]:
    """Who cosigns with a key, and where it keeps what it cosigned.

    Raises KeyfileError where it has no name, or another.
    """
    from chainlog.hub.witness.keys import cosigner_of, read_witness_key, witness_folder  # noqa: PLC0415
    from chainlog.hub.witness.state import keep_vkey, kept_vkey  # noqa: PLC0415  (as above)

    with expecting(str(path), path, SECRET, PUBLIC):
        key = read_witness_key(
            path, lambda: read_passphrase(said("passphrase for {name}", name=path.name))
        )
    folder = witness_folder(user_state(ctx), key)
    if name is not None:
        keep_vkey(folder, cosigner_of(key, name).vkey)
    kept = kept_vkey(folder)
    if kept is None:
        hint = said(
            "make one: chainlog witness new FILE --name NAME; of a witness's key "
            "that was moved, move its folder 'witness' with it"
        )
        raise KeyfileError(
            "the key {path} is not that of a witness: it has no name in {folder}",
            path=path,
            folder=folder,
            hint=hint,
        )
    cosigner = cosigner_of(key, kept.name)
    if cosigner.vkey != kept:
        raise KeyfileError(
            "{folder} belongs to another key than {path}",
            folder=folder,
            path=path,
            hint="put back the folder that was made with the key",
        )
    return cosigner, folder


# Cosigning


@witness.command("cosign")
@click.argument("chains", nargs=-1, metavar="[CHAIN]...")
@_trust_option
@click.option(
    "--again",
    is_flag=True,
    help="Also what was cosigned before: nothing larger was seen until now.",
)
@json_flag("Print {witness, chains}.")
@click.pass_context
def witness_cosign(
    ctx: click.Context, chains: tuple[str, ...], trust: str | None, *, again: bool, as_json: bool
) -> int:
    """Cosign the newest checkpoint that is kept of each CHAIN, otherwise of all that are held here.

    Every entry since the last one is verified again. The cosignatures are kept in the ledger, for
    'chainlog sync PATH' to take back.
    """
    from chainlog.hub.witness.witness import Witness  # noqa: PLC0415  (as above)

    cosigner, folder = _cosigner(ctx, key_path(ctx, find_ledger(ctx)))
    with open_ledger(ctx) as ledger:
        wanted = [find_chain(ledger, prefix) for prefix in chains] or None
        authority = None if trust is None else read_chain_id(trust, "trust")
        found = Witness(ledger, [cosigner], folder, authority=authority, tell=note).cosign_held(
            wanted, again=again
        )
    if as_json:
        emit({"witness": cosigner.vkey.name, "chains": [_plain(one) for one in found]})
    else:
        answer("\n".join(map(_line, found)) or said("no chain is held here"))
    return _exit_code(found, named=wanted is not None)


def _exit_code(found: Sequence[ChainOutcome], *, named: bool) -> int:
    """The worst: a history that was changed, then an error of ours, then what cannot be told.

    A chain that was named is to be cosigned.
    """
    states = {one.state for one in found}
    if any(one.fork is not None for one in found) or states & _CHANGED:
        return TAMPERED
    if "error" in states or (named and "refused" in states):
        return 1
    return CANNOT_TELL if "cannot tell" in states else 0


def _line(one: ChainOutcome) -> str:
    name = f"{one.chain.hex()[:SHORT_ID]} {printable(one.origin) or '?'}"
    if one.checkpoint is not None and one.time is not None:
        told = said(
            "{size} entries, as of {time}",
            size=one.checkpoint.size,
            time=format_time(one.time * 1000),
        )
        what = (
            said("cosigned {told}", told=told)
            if one.state == "cosigned"
            else said("up to date: {told}", told=told)
        )
    elif one.state == "none":
        what = said(
            "no checkpoint of it is kept here: take one with 'chainlog sync PATH' or "
            "'chainlog checkpoint --take FILE'"
        )
    elif one.state == "refused":
        what = printable(said("not cosigned: {says}", says=one.says))
    else:
        state = words().say(f"cosigning.{one.state.replace(' ', '_')}")
        what = printable(said("NOT COSIGNED, {state}: {says}", state=state, says=one.says))
    if one.fork is not None:
        what += said(
            "\n  fork: its log also signed {size} entries with the root {root}, which "
            "are not held here",
            size=one.fork.size,
            root=one.fork.root.hex()[:SHORT_ID],
        )
    return f"{name}: {what}"


def _plain(one: ChainOutcome) -> dict[str, Any]:
    told = one.checkpoint
    return {
        "chain": one.chain.hex(),
        "origin": one.origin,
        "state": one.state,
        "size": None if told is None else told.size,
        "root": None if told is None else told.root.hex(),
        "time": one.time,
        "says": one.says,
        "fork": None if one.fork is None else {"size": one.fork.size, "root": one.fork.root.hex()},
    }


# Serving


@witness.command("serve")
@click.option(
    "--listen", required=True, metavar="HOST:PORT", help="Where to listen; port 0 for any."
)
@_trust_option
@click.option(
    "--from",
    "folders",
    multiple=True,
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="A ledger to sync from when behind; repeatable.",
)
@click.pass_context
def witness_serve(
    ctx: click.Context, listen: str, trust: str | None, folders: tuple[Path, ...]
) -> int:
    """Cosign over HTTP, for logs that ask (C2SP tlog-witness), until stopped.

    Prints the line for their policies.

    For TLS put a web server in front; a witness limits by itself how long, how much and by how many
    it is asked.
    """
    from chainlog.hub.witness.server import WitnessServer  # noqa: PLC0415
    from chainlog.hub.witness.witness import Witness  # noqa: PLC0415  (as above)

    match = _ADDRESS.fullmatch(listen)
    if match is None or int(match[3]) > 65535:
        raise misuse(ctx, "--listen {listen!r} is no HOST:PORT", listen=listen)
    path = find_ledger(ctx)
    cosigner, folder = _cosigner(ctx, key_path(ctx, path))
    with open_ledger(ctx) as ledger:
        authority = None if trust is None else read_chain_id(trust, "trust")
        refresh = syncing_from(path, user_state(ctx).marks, folders) if folders else None
        one = Witness(ledger, [cosigner], folder, authority=authority, refresh=refresh, tell=note)
        with WitnessError.from_os(
            "cannot listen at {listen}: {why}",
            listen=listen,
            hint="another port, or an address of this machine",
        ):
            server = WitnessServer(
                (match[1] or match[2], int(match[3])), one, tell=lambda line: say(printable(line))
            )
        serve_until_stopped(server, cosigner, f"[{match[1]}]" if match[1] else match[2])
    return 0


PLACE: Final = 40
SUMMARY: Final = "be a witness; admit and suspend witnesses"
COMMAND: Final[click.Command] = witness
