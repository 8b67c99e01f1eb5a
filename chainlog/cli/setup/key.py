"""`chainlog key VERB`: make and show keys; grant, revoke and recover them in this chain.

List who may sign.

JSON: `new`, `show` {file, key, next}; `show --agent` {keys: [{key, comment, next}]}; `list` {keys:
[{key, name, party, roles, since, until}], revoked: [{key, reason, at, doubt_from}]}.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from chainlog.cli.append import govern, governing_options, unlock
from chainlog.cli.options import ROLES, json_flag, no_passphrase_option, read_next
from chainlog.cli.output import emit, misuse, say, table, warn
from chainlog.cli.session import new_passphrase, open_ledger, own_key_path, read_signer
from chainlog.errors import KeyfileError
from chainlog.events.wording import printable
from chainlog.export.words.catalogue import said
from chainlog.export.words.events import choice_of, role_of
from chainlog.format.keys import Ed25519Signer, commitment_to_next, format_key_id
from chainlog.ledger.signers.agent import list_identities, wanted_of
from chainlog.ledger.signers.files import write_key
from chainlog.ledger.state import State

if TYPE_CHECKING:
    from chainlog.ledger.ledger import Ledger


@click.group()
def key() -> None:
    """Make, show, grant, revoke and recover keys."""


@key.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@no_passphrase_option
@json_flag("Print {file, key, next}.")
@click.pass_context
def new(ctx: click.Context, file: Path | None, *, no_passphrase: bool, as_json: bool) -> None:
    """Make a key in FILE, otherwise in your own folder. Prints its public name."""
    named = ctx.find_root().obj["key"]
    path = file or (Path(named) if named else State.of_user().key)
    if wanted_of(path) is not None:
        raise KeyfileError(
            "an ssh-agent makes no keys",
            hint="ssh-keygen -t ed25519 makes one, ssh-add gives it to the agent",
        )
    passphrase = new_passphrase(path, open_to_all=no_passphrase)
    signer = Ed25519Signer.from_seed(os.urandom(32))
    write_key(path, signer, passphrase)
    say(said("the key is in {path}: keep a copy elsewhere, nobody can make it again", path=path))
    _tell(path, signer.key_id, as_json=as_json)


@key.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option(
    "--next",
    "as_next",
    is_flag=True,
    help="Print what commits to the key, for 'init --next', instead of its name.",
)
@click.option(
    "--agent",
    "of_agent",
    is_flag=True,
    help="List the Ed25519 keys that the ssh-agent holds, with their comments.",
)
@json_flag("Print {file, key, next}; with --agent {keys}.")
@click.pass_context
def show(
    ctx: click.Context, file: Path | None, *, as_next: bool, of_agent: bool, as_json: bool
) -> None:
    """Print the public name of the key in FILE, otherwise of your own."""
    if of_agent:
        if file is not None:
            raise misuse(ctx, "give either FILE or --agent")
        _tell_agent(as_json=as_json, as_next=as_next)
        return
    path = file or own_key_path(ctx)
    _tell(path, read_signer(path).key_id, as_json=as_json, as_next=as_next)


def _tell_agent(*, as_json: bool, as_next: bool) -> None:
    held, others = list_identities()
    keys = [
        {
            "key": format_key_id(one.key_id),
            "comment": one.comment,
            "next": commitment_to_next(one.key_id).hex(),
        }
        for one in held
    ]
    if as_json:
        emit({"keys": keys})
        return
    if others:
        warn(
            said(
                "keys of other kinds, with which chainlog cannot sign: {others}",
                others=printable(", ".join(sorted(set(others)))),
            )
        )
    name = "next" if as_next else "key"
    table((name, "comment"), ([one[name], printable(one["comment"])] for one in keys))


def _tell(path: Path, key_id: bytes, *, as_json: bool, as_next: bool = False) -> None:
    text, commitment = format_key_id(key_id), commitment_to_next(key_id).hex()
    if as_json:
        emit({"file": str(path), "key": text, "next": commitment})
    else:
        click.echo(commitment if as_next else text)


@key.command()
@click.argument("key_id", metavar="KEY")
@click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    type=click.Choice(ROLES),
    help="What it is for; repeatable.",
)
@click.option("--holder", required=True, metavar="NAME", help="Who holds it.")
@click.option("--party", metavar="NAME", help="For which body it signs; otherwise the site.")
@click.option("--until", metavar="DATE", help="Advice to the audit: later entries are questioned.")
@governing_options
@click.pass_context
def grant(
    ctx: click.Context,
    /,
    key_id: str,
    roles: tuple[str, ...],
    holder: str,
    party: str | None,
    until: str | None,
    **how: Any,  # noqa: ANN401  (of `govern`)
) -> None:
    """Give KEY (clk1:…) its roles, in place of any that it had."""
    named = {"name": holder, **({"party": party} if party else {})}
    named = {name: value.strip() for name, value in named.items()}
    govern(
        ctx,
        "key.grant",
        {"key": key_id, "roles": list(roles), "holder": named, "until": until},
        **how,
    )


@key.command()
@click.argument("key_id", metavar="KEY")
@click.option("--reason", required=True, type=click.Choice(("retired", "lost", "compromised")))
@click.option(
    "--since",
    type=click.IntRange(min=0),
    metavar="INDEX",
    help="The entry from which its signatures are in doubt.",
)
@governing_options
@click.pass_context
def revoke(ctx: click.Context, /, key_id: str, reason: str, since: int | None, **how: Any) -> None:  # noqa: ANN401  (of `govern`)
    """Take the power of KEY (clk1:…) for ever."""
    govern(ctx, "key.revoke", {"key": key_id, "reason": reason, "since": since}, **how)


@key.command()
@click.option(
    "--next", "next_key", metavar="KEY", help="The key that may replace this one in its turn."
)
@governing_options
@click.pass_context
def recover(ctx: click.Context, /, next_key: str | None, **how: Any) -> None:  # noqa: ANN401  (of `govern`)
    """Become owner with the key that was committed to beforehand; name it with --key.

    Earlier owners are revoked.
    """
    following = read_next(next_key)

    def fields(ledger: Ledger) -> dict[str, Any]:
        unlock(ctx, ledger)
        assert ledger.signer is not None
        return {
            "key": format_key_id(ledger.signer.key_id),
            "next": following.hex() if following else None,
        }

    if following is None:
        warn(said("no --next: if this key is lost too, nobody can bring the chain back"))
    govern(ctx, "key.recover", fields, **how)


@key.command("list")
@json_flag("Print {keys, revoked}.")
@click.pass_context
def list_(ctx: click.Context, *, as_json: bool) -> None:
    """List who may sign in this chain, and who may no more."""
    with open_ledger(ctx) as ledger:
        roster = ledger.roster_at(ledger.readable(ledger.chain).size)
    keys: list[dict[str, Any]] = [
        {
            "key": format_key_id(one),
            "name": held.name,
            "party": held.party,
            "roles": list(held.roles),
            "since": held.since,
            "until": held.until,
        }
        for one, held in sorted(roster.keys.items(), key=lambda pair: (pair[1].since, pair[0]))
    ]
    revoked: list[dict[str, Any]] = [
        {
            "key": format_key_id(one),
            "reason": gone.reason,
            "at": gone.at,
            "doubt_from": gone.doubt_from,
        }
        for one, gone in sorted(roster.revoked.items(), key=lambda pair: (pair[1].at, pair[0]))
    ]
    if as_json:
        emit({"keys": keys, "revoked": revoked})
        return
    rows = [
        [
            one["key"],
            one["name"],
            one["party"],
            ", ".join(map(role_of, one["roles"])),
            said("from entry {since}", since=one["since"]),
        ]
        for one in keys
    ]
    rows += [
        [
            one["key"],
            "",
            "",
            said("revoked: {reason}", reason=choice_of(one["reason"])),
            said("by entry {at}", at=one["at"]),
        ]
        for one in revoked
    ]
    table(
        ("key", "holder", "for", "roles", "in force"),
        ([printable(cell) for cell in row] for row in rows),
    )


PLACE: Final = 20
SUMMARY: Final = "make, show, grant, revoke and recover keys"
COMMAND: Final[click.Command] = key
