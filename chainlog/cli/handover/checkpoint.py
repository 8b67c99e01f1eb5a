"""`chainlog checkpoint` and `chainlog prove`.

What a chain came to, signed, and that one entry is in it.

The checkpoint is a C2SP signed note, the proof a tlog-proof: other people's tools check them. JSON:
`checkpoint` {checkpoint, chain, origin, size, root, cosigned: [{witness, time}]}; with `--list`
{checkpoints: [the same]}.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from chainlog.cli.exit_codes import CANNOT_TELL, TAMPERED
from chainlog.cli.input import read_note
from chainlog.cli.options import find_chain, json_flag, read_policy
from chainlog.cli.output import answer, cell_of, emit, misuse, print_text, say, speak, warn
from chainlog.cli.session import open_ledger
from chainlog.errors import NoteError
from chainlog.events.wording import SHORT_ID, printable
from chainlog.export.words.catalogue import said, words
from chainlog.format.checkpoint import (
    format_origin_line,
    log_vkey,
    parse_checkpoint,
    parse_origin_line,
)
from chainlog.format.cosignature import cosignatures_each
from chainlog.format.note import format_note, format_vkey
from chainlog.index.witnessed import witnesses_admitted
from chainlog.ledger.checkpoints import checkpoints_of, keep, make_checkpoint, standing_checkpoints
from chainlog.ledger.taken import take_checkpoint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chainlog.format.note import Note, VerifierKey
    from chainlog.format.policy import Policy
    from chainlog.ledger.ledger import Ledger


@click.command()
@click.option(
    "--vkey",
    is_flag=True,
    help="Print the verifier keys of the chain's log, a line each, and sign nothing.",
)
@click.option(
    "--list", "listing", is_flag=True, help="List the checkpoints that are kept, and sign nothing."
)
@click.option(
    "--take",
    "file",
    metavar="FILE|-",
    help="Keep a checkpoint that somebody gave you, and compare the chain with it.",
)
@click.option(
    "--policy",
    "policy_file",
    metavar="FILE",
    help="Ask the witnesses in FILE to cosign; an error unless enough of them did.",
)
@click.option(
    "--chain",
    "prefix",
    metavar="PREFIX",
    help="Another chain that is held here, for --vkey and --list.",
)
@json_flag("Print {checkpoint, chain, origin, size, root, cosigned}.")
@click.pass_context
def checkpoint(
    ctx: click.Context,
    file: str | None,
    policy_file: str | None,
    prefix: str | None,
    *,
    vkey: bool,
    listing: bool,
    as_json: bool,
) -> int:
    """Sign how long this chain is and what it holds, and print it.

    Whoever keeps it will know if anything is changed or taken away.

    It is kept here for ever, and compared with the chain at every verification.
    """
    if vkey + listing + (file is not None) + (policy_file is not None) > 1:
        raise misuse(
            ctx, "--vkey, --list, --take and --policy do different things: give one of them"
        )
    if file is not None:
        return _take(ctx, read_note(file), as_json=as_json)
    if vkey or listing:
        with open_ledger(ctx) as ledger:
            chain = find_chain(ledger, prefix)
            (_print_vkeys if vkey else _print_list)(ledger, chain, as_json=as_json)
        return 0
    if prefix is not None:
        raise misuse(
            ctx,
            "only the site itself signs checkpoints of its chain: --chain goes with "
            "--vkey and --list",
        )
    policy = read_policy(policy_file)
    with open_ledger(ctx, write=True) as ledger:
        note = make_checkpoint(ledger)
        if policy is not None:
            note = _have_cosigned(ledger, note, policy)
        for notice in ledger.notices:
            warn(notice)
    _print(note, _witnesses_known(policy), as_json=as_json)
    if policy is not None and not policy.is_met(
        {one.witness for one in cosignatures_each(note, policy.keys)}
    ):
        say(
            said(
                "chainlog: not enough witnesses cosigned for the policy; the checkpoint "
                "is kept: try again later, the cosignatures add up"
            )
        )
        return CANNOT_TELL
    return 0


def _have_cosigned(ledger: Ledger, note: Note, policy: Policy) -> Note:
    """The checkpoint with the cosignatures of the witnesses that could be asked.

    Says who could not, and why.
    """
    from chainlog.sync.witnesses import gather  # noqa: PLC0415  (only where the network is asked for)

    for name in policy.witnesses.keys() - policy.urls.keys():
        warn(
            said(
                "witness {name} has no address in the policy, and was not asked",
                name=printable(name),
            )
        )
    merged, failed = gather(note, policy, ledger.tree(), checkpoints_of(ledger, ledger.chain))
    for name, error in failed.items():
        warn(
            said(
                "witness {name}: {why}",
                name=printable(name),
                why=printable(words().tell(error.message)),
            )
        )
    return keep(ledger, ledger.chain, merged)


def _witnesses_known(policy: Policy | None) -> Sequence[VerifierKey]:
    return policy.keys if policy is not None else ()


def _print(note: Note, witnesses: Sequence[VerifierKey], *, as_json: bool) -> None:
    if as_json:
        emit(_plain(note, witnesses))
    else:
        print_text(format_note(note).decode())


def _plain(note: Note, witnesses: Sequence[VerifierKey]) -> dict[str, Any]:
    told = parse_checkpoint(note.text)
    origin, chain = parse_origin_line(told.origin)
    cosigned = [
        {"witness": one.witness.name, "time": one.time}
        for one in cosignatures_each(note, witnesses)
    ]
    text = format_note(note).decode()
    return {
        "checkpoint": text,
        "chain": chain.hex(),
        "origin": origin,
        "size": told.size,
        "root": told.root.hex(),
        "cosigned": cosigned,
    }


def _print_vkeys(ledger: Ledger, chain: bytes, *, as_json: bool) -> None:
    """The keys in force that may sign as the log: those with the role `log`, or else the owners."""
    roster = ledger.roster_at(ledger.engine.head(chain).size, chain)
    logs = [key for key, grant in roster.keys.items() if "log" in grant.roles] or list(
        roster.owners
    )
    line = format_origin_line(roster.origin, chain)
    keys = []
    for key in logs:
        try:
            keys.append(format_vkey(log_vkey(line, key)))
        except NoteError:
            continue  # of a kind that signs no notes
    if as_json:
        emit({"vkeys": keys})
    else:
        click.echo("\n".join(keys))


def _print_list(ledger: Ledger, chain: bytes, *, as_json: bool) -> None:
    kept = checkpoints_of(ledger, chain)
    if as_json:
        witnesses = witnesses_admitted(ledger, chain)
        emit({"checkpoints": [_plain(note, witnesses) for note in kept]})
        return
    standing = {note.text for note in standing_checkpoints(ledger, chain)}
    for note in kept:
        told = parse_checkpoint(note.text)
        state = (
            cell_of("fits")
            if note.text in standing
            else said("DOES NOT FIT: run 'chainlog verify'")
        )
        names = printable(
            ", ".join(sorted({one.name for one in note.signatures if one.name != told.origin}))
        )
        line = said(
            "{size} entries, root {root}, {state}",
            size=told.size,
            root=told.root.hex()[:SHORT_ID],
            state=state,
        ) + (said(", with lines of {names}", names=names) if names else "")
        answer(line)


def _take(ctx: click.Context, data: bytes, *, as_json: bool) -> int:
    with open_ledger(ctx) as ledger:
        taken = take_checkpoint(ledger, data)
        witnesses = witnesses_admitted(ledger, taken.checkpoint.chain)
        size = ledger.engine.head(taken.checkpoint.chain).size
    if as_json:
        emit({**_plain(taken.note, witnesses), "state": taken.state})
    else:
        told = {
            "fits": said("it fits the chain that is held here"),
            "ahead": (
                said(
                    "the chain that is held here has {size} entries only, and does not "
                    "verify without the others: chainlog sync PATH",
                    size=size,
                )
            ),
            "forked": (
                said(
                    "the chain that is held here has OTHER entries: it was forked. Keep "
                    "everything, and ask the site"
                )
            ),
        }
        speak(
            "kept a checkpoint of {size} entries: {told}",
            size=taken.checkpoint.size,
            told=told[taken.state],
        )
    return {"fits": 0, "ahead": CANNOT_TELL, "forked": TAMPERED}[taken.state]


PLACE: Final = 30
SUMMARY: Final = "sign how long this chain is and what it holds"
COMMAND: Final[click.Command] = checkpoint
