"""`chainlog site|chain VERB`: governing events; `govern` records each of them, and those of `chainlog key`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from chainlog.checkpointing import check_seen, newest_cosigned
from chainlog.cli.add import check_somebody, parse_event, read_input, record, recording_options
from chainlog.items.bounds import witnesses_of
from chainlog.items.index import Items
from chainlog.note import format_note

if TYPE_CHECKING:
    from collections.abc import Callable

    from chainlog.ledger import Ledger


def governing_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--note`, `--yes` and `--json`, which every governing verb has."""
    return click.option("--note", metavar="TEXT", help="A remark.")(recording_options(command))


def govern(
    ctx: click.Context,
    kind: str,
    fields: dict[str, Any] | Callable[[Ledger], dict[str, Any]],
    *,
    note: str | None,
    yes: bool,
    as_json: bool,
) -> None:
    """Record a governing event. `fields`: as plain JSON, or what makes them of the ledger; those that are None are left out."""
    check_somebody(ctx, yes=yes)

    def build(ledger: Ledger) -> list[Any]:
        given = {**(fields(ledger) if callable(fields) else fields), "note": note}
        return [parse_event(kind, {name: value for name, value in given.items() if value is not None})]

    record(ctx, build, yes=yes, as_json=as_json)


@click.group()
def site() -> None:
    """Admit and suspend sites. Only in an authority's chain."""


@site.command("admit")
@click.argument("chain")
@click.option("--origin", required=True, metavar="NAME", help="As the site's chain names itself.")
@click.option("--scope", metavar="TEXT", help="What it is admitted for.")
@governing_options
@click.pass_context
def site_admit(ctx: click.Context, /, chain: str, origin: str, scope: str | None, **how: Any) -> None:  # noqa: ANN401  (of `govern`)
    """Say that the site's chain with the id CHAIN belongs to the programme."""
    govern(ctx, "site.admit", {"chain": chain, "origin": origin, "scope": scope}, **how)


@site.command("suspend")
@click.argument("chain")
@click.option("--reason", required=True, metavar="TEXT")
@click.option("--size", required=True, type=click.IntRange(min=0), help="Entries from this index on are not accepted.")
@governing_options
@click.pass_context
def site_suspend(ctx: click.Context, /, chain: str, reason: str, size: int, **how: Any) -> None:  # noqa: ANN401  (of `govern`)
    """Accept no more entries of the site's chain with the id CHAIN."""
    govern(ctx, "site.suspend", {"chain": chain, "reason": reason, "size": size}, **how)


@click.group()
def chain() -> None:
    """Close this chain, or say what became of it."""


@chain.command("close")
@click.option("--reason", required=True, metavar="TEXT")
@governing_options
@click.pass_context
def chain_close(ctx: click.Context, /, reason: str, **how: Any) -> None:  # noqa: ANN401  (of `govern`)
    """End this chain for good."""
    govern(ctx, "chain.close", {"reason": reason}, **how)


@chain.command("fork")
@click.option("--at", required=True, type=click.IntRange(min=0), help="The index at which the branches part.")
@click.option("--other", required=True, metavar="ID", help="Id of the last entry of the branch that is abandoned.")
@governing_options
@click.pass_context
def chain_fork(ctx: click.Context, /, at: int, other: str, **how: Any) -> None:  # noqa: ANN401  (of `govern`)
    """Say that another branch of this chain is abandoned."""
    govern(ctx, "chain.fork", {"at": at, "other": other}, **how)


@chain.command("seen")
@click.argument("file", metavar="[FILE|-]", required=False)
@governing_options
@click.pass_context
def chain_seen(ctx: click.Context, /, file: str | None, **how: Any) -> None:  # noqa: ANN401  (of `govern`)
    """Record the cosigned checkpoint of this chain in FILE, or the newest kept here: what follows is later than its cosignatures."""
    if file == "-" and not how["yes"]:
        raise click.UsageError("a checkpoint from stdin leaves nobody to say yes before signing: give --yes", ctx)
    data = None if file is None else read_input(file)

    def fields(ledger: Ledger) -> dict[str, Any]:
        with Items.of(ledger) as items:
            witnesses = witnesses_of(items, ledger.chain)
        note = newest_cosigned(ledger, witnesses) if data is None else check_seen(ledger, data, witnesses)
        return {"checkpoint": format_note(note).decode()}

    govern(ctx, "chain.seen", fields, **how)


COMMANDS: Final[dict[str, click.Command]] = {"site": site, "chain": chain}
