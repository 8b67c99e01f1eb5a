"""`chainlog status`, also bare `chainlog`: who you are, what this chain is, what exists only here.

Takes no lock, asks nothing.

JSON: {folder, chain, origin, site, programme, size, head, last, only_here, witness, forks, closed,
key: {path, id, name, party, roles, state}, marks, writable, problem, other_chains}
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

import click

from chainlog.cli.output import emit
from chainlog.cli.session import key_path, marks_folder, open_ledger
from chainlog.errors import ChainlogError, ReadOnlyError, Sentence
from chainlog.events.wording import SHORT_ID, format_time, printable
from chainlog.export.jsonl import plain_entry
from chainlog.export.words.catalogue import said, words
from chainlog.export.words.events import name_of, role_of
from chainlog.format.keys import format_key_id
from chainlog.index.index import Items
from chainlog.index.witnessed import Witnessed
from chainlog.ledger.checkpoints import checkpoints_of
from chainlog.ledger.forks import say_fork, unsettled_forks
from chainlog.ledger.holders import holders_of
from chainlog.ledger.signers.agent import PREFIX
from chainlog.ledger.signers.files import look_at_key

if TYPE_CHECKING:
    from pathlib import Path

    from chainlog.events.roster import Roster
    from chainlog.ledger.ledger import Ledger


def _key(path: Path, roster: Roster | None) -> dict[str, Any]:
    """The user's key, as far as it can be told without the passphrase and without a signature."""
    told: dict[str, Any] = {
        "path": str(path),
        "id": None,
        "name": None,
        "party": None,
        "roles": None,
        "state": "absent",
    }
    try:
        seen = look_at_key(path)
    except ChainlogError as error:
        return {**told, "state": error.message}
    if seen is None:
        return told
    if seen.key_id is None:
        return {**told, "state": seen.state}
    told |= {"id": format_key_id(seen.key_id), "state": seen.state or Sentence("unknown here")}
    if roster is not None and seen.key_id in roster.keys:
        grant = roster.keys[seen.key_id]
        told |= {
            "name": grant.name,
            "party": grant.party,
            "roles": list(grant.roles),
            "state": seen.state or Sentence("in force"),
        }
    elif roster is not None and seen.key_id in roster.revoked:
        told["state"] = "revoked"
    return told


def _problem(ledger: Ledger, roster: Roster | None) -> str | None:
    """Why the chain would not be written now, as far as it can be told without taking its lock."""
    if roster is None or roster.closed_at is not None:
        return (
            Sentence("the chain was closed by entry {closed_at}", closed_at=roster.closed_at)
            if roster
            else Sentence("who may sign cannot be told: run 'chainlog verify'")
        )
    try:
        mark = ledger.marks.get(ledger.chain) if ledger.marks is not None else None
    except ReadOnlyError as error:
        return error.message
    head = ledger.head
    if mark is not None and mark.size > head.size:
        return Sentence(
            (
                "{size} entries were acknowledged here, and only {held} are held: this "
                "is an older copy"
            ),
            size=mark.size,
            held=head.size,
        )
    if mark is not None and mark.size and ledger.entry(mark.size - 1).entry.id != mark.id:
        return Sentence(
            ("entry {size} is not the one that was acknowledged here: this is another copy"),
            size=mark.size - 1,
        )
    writable = ledger.folder is None or os.access(
        ledger.folder / "chains" / ledger.chain.hex(), os.W_OK
    )
    return None if writable else Sentence("its folder may not be written")


def _covered(ledger: Ledger) -> tuple[int, str | None]:
    """How many entries the largest cosigned checkpoint covers, and who cosigned it.

    Only an admitted witness counts. That many entries are elsewhere too.
    """
    try:
        if not any(len(note.signatures) > 1 for note in checkpoints_of(ledger, ledger.chain)):
            return 0, None
        with Items.of(ledger) as items:
            covers = Witnessed(items, ledger.chain).covers
    except ChainlogError:
        return 0, None
    size, one = max(covers, key=lambda pair: pair[0], default=(0, None))
    return size, None if one is None else one.witness.name


def _gather(ctx: click.Context, ledger: Ledger) -> dict[str, Any]:
    head = ledger.head
    try:
        roster = ledger.roster()
    except ChainlogError:
        roster = None
    last = ledger.entry(head.size - 1)
    problem = _problem(ledger, roster)
    key = key_path(ctx, ledger.folder)
    covered, witness = _covered(ledger)
    signer = holders_of(ledger, ledger.chain, head.size - 1).get(last.entry.header.author)
    return {
        "folder": str(ledger.folder),
        "chain": ledger.chain.hex(),
        "origin": roster.origin if roster else None,
        "site": roster.site if roster else None,
        "programme": roster.programme.hex() if roster and roster.programme else None,
        "size": head.size,
        "head": head.id.hex(),
        "last": {
            name: value
            for name, value in plain_entry(last).items()
            if name in {"id", "index", "time", "author", "kind"}
        }
        | {"name": signer["name"] if signer else None},
        "only_here": head.size - covered,
        "witness": witness,
        "forks": [one.index for one in unsettled_forks(ledger)],
        "closed": roster.closed_at if roster else None,
        "key": _key(key, roster),
        "marks": str(marks_folder(key)),
        "writable": problem is None,
        "problem": problem,
        "other_chains": sum(chain != ledger.chain for chain in ledger.engine.chains()),
    }


def _say_key(key: dict[str, Any]) -> str:
    if key["name"] is not None:
        state = "" if key["state"] == "in force" else f": {words().tell(key['state'])}"
        return said(
            "{name} of {party} ({roles})\n           {id}{state}",
            name=printable(key["name"]),
            party=printable(key["party"]),
            roles=", ".join(map(role_of, key["roles"])),
            id=key["id"],
            state=state,
        )
    shown = (
        key["path"]
        if key["path"].startswith(PREFIX)
        else said("the key in {path}", path=key["path"])
    )
    if key["state"] == "locked":
        return said("{shown}, locked", shown=shown)
    if key["state"] == "absent":
        return said("nobody: no key at {path}", path=key["path"])
    return f"{printable(shown)}: {printable(words().tell(key['state']))}"


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def status(ctx: click.Context, *, as_json: bool = False) -> None:
    """Who you are, what this chain is, what exists only here."""
    with open_ledger(ctx) as ledger:
        told, forks = _gather(ctx, ledger), unsettled_forks(ledger)
    if as_json:
        emit(told)
        return
    last, spoken = told["last"], words()
    can = (
        spoken.say("status.possible")
        if told["writable"]
        else said("refused: {why}", why=spoken.tell(told["problem"]))
    )
    lines = [
        ("you", _say_key(told["key"])),
        ("chain", told["chain"]),
        ("origin", told["origin"]),
        ("site", printable(told["site"] or "?")),
        ("size", spoken.count("status.entries", told["size"], head=told["head"][:SHORT_ID])),
        (
            "last",
            said(
                "{kind}, {time}, by {name}",
                kind=name_of(last["kind"]),
                time=format_time(last["time"]),
                name=printable(last["name"] or last["author"]),
            ),
        ),
        ("only_here", _say_only_here(told)),
        ("others", spoken.count("status.other_chains", told["other_chains"])),
        ("writing", can),
        *(("fork", spoken.tell(say_fork(one))) for one in forks),
    ]
    for name, text in lines:
        click.echo(f"{spoken.say(f'status.{name}'):<11}{text}")


def _say_only_here(told: dict[str, Any]) -> str:
    spoken, count = words(), told["only_here"]
    if told["witness"] is None:
        return spoken.count("status.no_witness", count)
    witness = printable(told["witness"])
    if count == 0:
        return said("0 entries: {witness} has seen all of them", witness=witness)
    return spoken.count("status.not_seen", count, first=told["size"] - count)


PLACE: Final = 10
SUMMARY: Final = "who you are, what this chain is, what exists only here"
COMMAND: Final[click.Command] = status
