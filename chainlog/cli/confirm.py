"""A question that is answered with yes or no, before something is done that stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from chainlog.cli.exit_codes import ERROR
from chainlog.cli.output import say
from chainlog.events.door.agreement import read_agreement
from chainlog.export.words.catalogue import said, words

if TYPE_CHECKING:
    from chainlog.errors import Sentence


def is_agreed(question: str) -> bool:
    """Whether the person says yes, in either language; Enter alone is no.

    Raises Abort where nobody answers.
    """
    while True:
        suffix = f" [{words().say('value.yes')}/{words().say('value.no')}]: "
        text = click.prompt(
            question, default="", show_default=False, prompt_suffix=suffix, err=True
        )
        agreed = False if not text.strip() else read_agreement(text)
        if agreed is not None:
            return agreed
        say(said("answer yes or no"))


def confirm(question: str, otherwise: Sentence) -> None:
    """Go on only where the person says yes; a no is said as `otherwise`, and ends with 1."""
    if not is_agreed(question):
        say(words().tell(otherwise))
        raise click.exceptions.Exit(ERROR)
