"""Bare `chainlog`: the status of the ledger here, or how to come to have one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from chainlog.cli.output import speak
from chainlog.cli.session import find_ledger
from chainlog.errors import NoLedgerError

if TYPE_CHECKING:
    import click

_STEPS: Final = (
    "chainlog: a record of what changes hands, that anybody can check later.\n"
    "There is no ledger in {folder} or above. First steps:\n"
    "\n"
    "  to look at one that was made up (takes a minute):\n"
    "      chainlog demo demo\n"
    "  to begin one of your own, for the site where you work:\n"
    "      chainlog key new\n"
    '      chainlog init depot --origin example.org/depot --site "Depot 7" --holder "Your Name"\n'
    "  to record in it, and to see what is in it:\n"
    "      cd depot\n"
    "      chainlog enter\n"
    "      chainlog log\n"
    "  to check one that somebody gave you:\n"
    "      chainlog verify DIR\n"
    "\n"
    "chainlog help lists all verbs, chainlog help VERB tells of one."
)


def status_or_steps(ctx: click.Context) -> None:
    """Show the status; the first steps where there is no ledger, and none was named."""
    try:
        find_ledger(ctx)
    except NoLedgerError:
        speak(_STEPS, folder=os.getcwd())  # noqa: PTH109  (as it is to be shown)
        return
    command = ctx.command
    status = command.get_command(ctx, "status")  # type: ignore[attr-defined]
    ctx.invoke(status)
