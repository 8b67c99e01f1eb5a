"""`chainlog status`, also bare `chainlog`: who you are, what this chain is, what exists only here.

Takes no lock, asks nothing.

JSON: {folder, chain, origin, site, programme, size, head, last, only_here, witness, forks, closed,
key: {path, id, name, party, roles, state}, marks, writable, problem, other_chains, lacks: [as the
faults of `verify`]}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from chainlog.cli.advice import as_typed
from chainlog.cli.options import json_option
from chainlog.cli.output import emit, show_time
from chainlog.cli.session import open_ledger, shown_key, warn_beside
from chainlog.cli.verdict_text import format_named
from chainlog.events.wording import SHORT_ID, printable
from chainlog.export.words.catalogue import said, words
from chainlog.export.words.events import name_of, role_of
from chainlog.index.questions.status import status_of
from chainlog.ledger.forks import say_fork
from chainlog.ledger.signers.agent import PREFIX

if TYPE_CHECKING:
    from chainlog.index.questions.status import OwnKey, Status


def _say_key(key: OwnKey) -> str:
    if key.name is not None and key.party is not None and key.roles is not None:
        state = "" if key.state == "in force" else f": {words().tell(key.state)}"
        return said(
            "{name} of {party} ({roles})\n           {id}{state}",
            name=printable(key.name),
            party=printable(key.party),
            roles=", ".join(map(role_of, key.roles)),
            id=key.id,
            state=state,
        )
    shown = key.path if key.path.startswith(PREFIX) else said("the key in {path}", path=key.path)
    if key.state == "locked":
        return said("{shown}, locked", shown=shown)
    if key.state == "absent":
        return said("nobody: no key at {path}", path=key.path)
    return f"{printable(shown)}: {printable(words().tell(key.state))}"


@click.command()
@json_option
@click.pass_context
def status(ctx: click.Context, *, as_json: bool = False) -> None:
    """Who you are, what this chain is, what exists only here."""
    with open_ledger(ctx) as ledger:
        key, known = shown_key(ctx, ledger.folder)
        told = status_of(ledger, key, known=known)
        if as_json:
            emit(told.plain())
        else:
            _say(told)
        warn_beside(ledger)
        ledger.check_whole(ledger.chain)


def _say(told: Status) -> None:
    last, spoken, ctx = told.last, words(), click.get_current_context(silent=True)
    can = (
        spoken.say("status.possible")
        if told.problem is None
        else said("refused: {why}", why=as_typed(spoken.tell(told.problem), ctx))
    )
    if told.lacks:
        label = spoken.say("status.without")
        click.echo(
            format_named(
                told.lacks, len(told.lacks), dict(told.origins), lambda names: f"{label:<11}{names}"
            )
        )
    lines = [
        ("you", _say_key(told.key)),
        ("chain", told.chain.hex()),
        ("origin", told.origin),
        ("site", printable(told.site or "?")),
        ("size", spoken.count("status.entries", told.size, head=told.head.hex()[:SHORT_ID])),
        (
            "last",
            said(
                "{kind}, {time}, by {name}",
                kind=name_of(last.kind),
                time=show_time(last.time),
                name=printable(last.name or last.author),
            ),
        ),
        ("only_here", _say_only_here(told)),
        ("others", spoken.count("status.other_chains", told.other_chains)),
        ("writing", can),
        *(("fork", spoken.tell(say_fork(one))) for one in told.conflicts),
        *(
            ("without", printable(spoken.tell(one.says)))
            for one in told.lacks
            if one.code != "fork-kept" or one.chain != told.chain.hex()
        ),
    ]
    for name, text in lines:
        click.echo(f"{spoken.say(f'status.{name}'):<11}{text}")


def _say_only_here(told: Status) -> str:
    spoken, count = words(), told.only_here
    if told.witness is None:
        return spoken.count("status.no_witness", count)
    witness = printable(told.witness)
    if count == 0:
        return said("0 entries: {witness} has seen all of them", witness=witness)
    return spoken.count("status.not_seen", count, first=told.size - count)


PLACE: Final = 10
SUMMARY: Final = "who you are, what this chain is, what exists only here"
COMMAND: Final[click.Command] = status
