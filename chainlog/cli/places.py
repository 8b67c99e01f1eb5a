"""Which ledger and which key, said after the verb too: `chainlog log --ledger DIR`, `log DIR`.

What stands last holds; of one ledger said in two ways nobody can tell which is meant.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Final, TypeVar

import click
from click.core import ParameterSource

from chainlog.export.words.catalogue import said

if TYPE_CHECKING:
    from collections.abc import Sequence

_Command = TypeVar("_Command", bound=click.Command)

LEDGER_HELP: Final = "The ledger; otherwise found here or in a folder above."
KEY_HELP: Final = "Your key: a file, or agent:… in ssh-agent; otherwise the one the ledger names."
# The folders whose verbs are questions.
_ASKING: Final = frozenset({"look", "check"})


def with_places(command: _Command, folder: str) -> _Command:
    """A verb of a group's folder that takes `--ledger` and `--key`, and so do its subverbs.

    A question that takes no other argument takes the ledger's folder as one.
    """
    made = copy.copy(command)
    # A verb that has such an option of its own keeps it.
    own = {name for one in command.params for name in one.opts}
    added = [one for one in _OPTIONS if not own.intersection(one.opts)]
    arguments: Sequence[click.Parameter] = ()
    if isinstance(made, click.Group):
        made.commands = {name: with_places(one, "") for name, one in made.commands.items()}
    elif folder in _ASKING and not any(isinstance(one, click.Argument) for one in command.params):
        arguments = (_ARGUMENT,)
    made.params = [*arguments, *command.params, *added]
    return made


def name_place(ctx: click.Context, name: str, value: str) -> None:
    """Take `value` for the `ledger` or `key` of the whole command."""
    root = ctx.find_root()
    root.obj[name] = value
    # Commands that are advised name it, too.
    root.set_parameter_source(name, ParameterSource.COMMANDLINE)


def _take(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
    if value is None or ctx.resilient_parsing:
        return
    name = (param.name or "").removeprefix("named_")
    if name == "folder":
        root = ctx.find_root()
        named = root.get_parameter_source("ledger") is ParameterSource.COMMANDLINE
        if named and root.obj["ledger"] != value:
            raise click.UsageError(
                said(
                    "two ledgers are named, {first} and {second}",
                    first=root.obj["ledger"],
                    second=value,
                ),
                ctx,
            )
        name = "ledger"
    name_place(ctx, name, value)


_OPTIONS: Final = (
    click.Option(
        ["named_ledger", "--ledger"],
        metavar="DIR",
        help=LEDGER_HELP,
        expose_value=False,
        callback=_take,
    ),
    click.Option(
        ["named_key", "--key"], metavar="KEY", help=KEY_HELP, expose_value=False, callback=_take
    ),
)
_ARGUMENT: Final = click.Argument(
    ["named_folder"], metavar="[DIR]", required=False, expose_value=False, callback=_take
)
