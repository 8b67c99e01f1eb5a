"""`chainlog init`: a ledger, and the chain that is written in it.

JSON: {chain, origin, site, folder, key, author}.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

import click

from chainlog.cli.options import ROLES, json_flag, read_chain_id, read_next
from chainlog.cli.output import emit
from chainlog.cli.session import find_ledger, key_path, read_signer, user_state, warn_beside
from chainlog.format.entry import is_id
from chainlog.format.keys import format_key_id
from chainlog.ledger.ledger import Ledger
from chainlog.ledger.signers.agent import PREFIX, wanted_of
from chainlog.store.segment.files import real_path

_DEFAULT_ROLES: Final = ("owner", "log", "custodian")


def _continued(ctx: click.Context, reference: str | None) -> bytes | None:
    """The id of the head that is carried on from.

    Whole, or looked up in the ledger that is named or found here.
    """
    if reference is None:
        return None
    if is_id(reference):
        return bytes.fromhex(reference)
    with Ledger.open(find_ledger(ctx)) as ledger:
        from chainlog.index.index import find_entry  # noqa: PLC0415  (seldom needed)

        chain, index = find_entry(ledger, reference)
        return ledger.entry(index, chain).entry.id


def _key_from(folder: Path, key: Path, key_id: bytes) -> str:
    """The key as `ledger.toml` names it.

    A file relative to the ledger, so that both can move together; an agent's key whole.
    """
    if wanted_of(key) is not None:
        return PREFIX + format_key_id(key_id)
    try:
        return Path(os.path.relpath(real_path(key), real_path(folder))).as_posix()
    except ValueError:  # another drive
        return str(real_path(key))


@click.command()
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(path_type=Path))
@click.option(
    "--origin",
    required=True,
    metavar="NAME",
    help="The chain's name among all logs, such as example.org/depot.",
)
@click.option(
    "--site", required=True, metavar="NAME", help="The place or unit where it is written."
)
@click.option("--holder", required=True, metavar="NAME", help="Who holds your key.")
@click.option("--party", metavar="NAME", help="For which body the key signs; otherwise the site.")
@click.option(
    "--programme",
    metavar="CHAIN",
    help="Id of the authority's chain; without it, this is an authority's own.",
)
@click.option(
    "--continues", metavar="ID", help="The last entry of the chain that this one carries on from."
)
@click.option(
    "--role",
    "roles",
    multiple=True,
    type=click.Choice(ROLES),
    help="What your key is for; repeatable. [default: owner, log, custodian]",
)
@click.option(
    "--next",
    "next_key",
    metavar="KEY",
    help="The key kept elsewhere that may replace yours if it is lost.",
)
@json_flag("Print {chain, origin, site, folder, key, author}.")
@click.pass_context
def init(
    ctx: click.Context,
    folder: Path,
    origin: str,
    site: str,
    holder: str,
    party: str | None,
    programme: str | None,
    continues: str | None,
    roles: tuple[str, ...],
    next_key: str | None,
    *,
    as_json: bool,
) -> None:
    """Make a ledger in DIR and open its chain, signed with your key. Prints the chain's id."""
    path = key_path(ctx)
    carried, following = _continued(ctx, continues), read_next(next_key)
    authority = read_chain_id(programme, "programme") if programme else None
    signer = read_signer(path)
    opening: dict[str, Any] = {
        "origin": origin,
        "site": site.strip(),
        "keys": [{"key": signer.key_id, "roles": list(roles or _DEFAULT_ROLES)}],
        "holders": [{"name": holder.strip(), **({"party": party.strip()} if party else {})}],
    }
    opening |= {
        name: one
        for name, one in (("programme", authority), ("continues", carried), ("next", following))
        if one is not None
    }
    key = _key_from(folder, path, signer.key_id)
    marks = user_state(ctx).marks
    with Ledger.create(folder, opening, signer, marks=marks, key=key) as ledger:
        chain = ledger.chain.hex()
    warn_beside(ledger)
    if as_json:
        author = format_key_id(signer.key_id)
        emit(
            {
                "chain": chain,
                "origin": origin,
                "site": opening["site"],
                "folder": str(folder),
                "key": key,
                "author": author,
            }
        )
    else:
        click.echo(chain)


PLACE: Final = 10
SUMMARY: Final = "make a ledger and open its chain"
COMMAND: Final[click.Command] = init
