"""`chainlog help [VERB]`: what `chainlog VERB --help` prints."""

from __future__ import annotations

from typing import Final

import click


@click.command("help")
@click.argument("verb", metavar="[VERB]...", nargs=-1)
@click.pass_context
def show_help(ctx: click.Context, verb: tuple[str, ...]) -> None:
    """List the verbs, or tell of one."""
    told = ctx.find_root()
    for word in verb:
        group = told.command
        if not isinstance(group, click.Group):
            break
        # A verb that does not exist gets the nearest ones as a hint.
        _, found, _ = group.resolve_command(told, [word])
        assert found is not None
        told = found.context_class(found, info_name=word, parent=told)
    click.echo(told.get_help())


PLACE: Final = 100
SUMMARY: Final = "list the verbs, or tell of one"
COMMAND: Final[click.Command] = show_help
