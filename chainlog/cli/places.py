"""Which ledger and which key, said after the verb too: `chainlog log --ledger DIR`, `log DIR`.

What stands last holds; of one ledger said in two ways nobody can tell which is meant. What is typed
and is no text, and no name of a file either, is refused here before a verb sees it.
"""

from __future__ import annotations

import copy
import re
from functools import wraps
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click
from click.core import ParameterSource

from chainlog.export.words.catalogue import said

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_Command = TypeVar("_Command", bound=click.Command)

LEDGER_HELP: Final = "The ledger; otherwise found here or in a folder above."
KEY_HELP: Final = "Your key: a file, or agent:… in ssh-agent; otherwise the one the ledger names."
# What names a file may have any bytes in it.
_FILES: Final = re.compile("FILE|DIR|PATH")
# What Python makes of bytes that are no text.
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
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
    if command.callback is not None:
        made.callback = _of_text(command.callback)
    return made


def _of_text(callback: Callable[..., Any]) -> Callable[..., Any]:
    """A verb's function, called with text alone."""

    @wraps(callback)
    def checked(*args: Any, **given: Any) -> Any:  # noqa: ANN401  (a value for each option)
        ctx = click.get_current_context()
        for param in ctx.command.params:
            for one in _texts_in(ctx.params.get(param.name or "")):
                if not one.isascii() and _SURROGATE.search(one) and not _names_file(param):
                    told = said("{text!r} is no text in UTF-8", text=one[:80])
                    raise click.BadParameter(told, ctx, param)
        return callback(*args, **given)

    return checked


def _names_file(param: click.Parameter) -> bool:
    return bool(_FILES.search(param.metavar or param.human_readable_name))


def _texts_in(value: object) -> Iterator[str]:
    """The texts in an option's value; a path is none."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, one in value.items():
            yield from _texts_in(name)
            yield from _texts_in(one)
    elif isinstance(value, tuple | list):
        for one in value:
            yield from _texts_in(one)


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
