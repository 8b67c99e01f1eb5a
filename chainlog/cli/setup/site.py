"""`chainlog site`: admit and suspend sites."""

from __future__ import annotations

from typing import Any, Final

import click

from chainlog.cli.append import govern, governing_options


@click.group()
def site() -> None:
    """Admit and suspend sites. Only in an authority's chain."""


@site.command("admit")
@click.argument("chain")
@click.option("--origin", required=True, metavar="NAME", help="As the site's chain names itself.")
@click.option("--scope", metavar="TEXT", help="What it is admitted for.")
@governing_options
@click.pass_context
def site_admit(
    ctx: click.Context,
    /,
    chain: str,
    origin: str,
    scope: str | None,
    **how: Any,  # noqa: ANN401  (of `govern`)
) -> None:
    """Say that the site's chain with the id CHAIN belongs to the programme."""
    govern(ctx, "site.admit", {"chain": chain, "origin": origin, "scope": scope}, **how)


@site.command("suspend")
@click.argument("chain")
@click.option("--reason", required=True, metavar="TEXT")
@click.option(
    "--size",
    required=True,
    type=click.IntRange(min=0),
    help="Entries from this index on are not accepted.",
)
@governing_options
@click.pass_context
def site_suspend(ctx: click.Context, /, chain: str, reason: str, size: int, **how: Any) -> None:  # noqa: ANN401  (of `govern`)
    """Accept no more entries of the site's chain with the id CHAIN."""
    govern(ctx, "site.suspend", {"chain": chain, "reason": reason, "size": size}, **how)


PLACE: Final = 30
SUMMARY: Final = "admit and suspend sites (authority only)"
COMMAND: Final[click.Command] = site
