"""Commands that a text advises, as they are to be typed from where the text is shown."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Final

from click.core import ParameterSource

if TYPE_CHECKING:
    import click

# A verb follows at once: where options stand already, the text names its ledger itself.
_ADVISED: Final = re.compile(r"(?<![\w./-])chainlog (?=([a-z]+)( [a-z]+)?)")
# What looks at no ledger.
_ALONE: Final = frozenset({"demo", "init", "schema"})
_MAKES_A_KEY: Final = frozenset({"key new", "witness new"})


def as_typed(text: str, ctx: click.Context | None) -> str:
    """A text whose commands name the ledger and the key that the command at hand was called with.

    What a variable names, or the folder, is named there too when the next command is typed.
    """
    if ctx is None:
        return text
    root = ctx.find_root()
    named = "".join(
        f"--{name} {shlex.quote(root.obj[name])} "
        for name in ("ledger", "key")
        if root.get_parameter_source(name) is ParameterSource.COMMANDLINE
    )

    def typed(found: re.Match[str]) -> str:
        verb, more = found[1], found[2] or ""
        alone = verb in _ALONE or verb + more in _MAKES_A_KEY
        return found[0] if alone else f"{found[0]}{named}"

    return _ADVISED.sub(typed, text) if named else text
