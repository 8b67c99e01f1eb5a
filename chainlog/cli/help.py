"""The help in the reader's language: what stands in the code in English, paragraph by paragraph.

A paragraph that shows a shape of JSON is for programs, and stays as it is.
"""

from __future__ import annotations

import copy
import inspect
from typing import TypeVar

import click

from chainlog.export.words.catalogue import language, words

_Command = TypeVar("_Command", bound=click.Command)


def in_language(command: _Command) -> _Command:
    """The command with its help in the reader's language."""
    if language() == "en":
        return command
    made = copy.copy(command)
    made.help = told_phrase(command.name or "") or told(command.help)
    made.short_help = told(command.short_help)
    made.params = [_told_option(one) for one in command.params]
    if isinstance(made, click.Group):
        made.commands = {name: in_language(one) for name, one in made.commands.items()}
    return made


def _told_option(one: click.Parameter) -> click.Parameter:
    if not isinstance(one, click.Option):
        return one
    made = copy.copy(one)
    made.help = told(one.help)
    return made


def told_phrase(kind: str) -> str:
    """The help of a kind's verb: the kind's own phrase, as a sentence. Empty for other verbs."""
    spoken = words()
    if not spoken.has(f"about.{kind}"):
        return ""
    phrase = spoken.say(f"about.{kind}")
    return f"{phrase[:1].upper()}{phrase[1:]}."


def told(text: str | None) -> str | None:
    """A text of the help, each paragraph told by itself."""
    return None if text is None else "\n\n".join(map(words().tell, paragraphs(text)))


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a text, each in one line."""
    return [" ".join(one.split()) for one in inspect.cleandoc(text).split("\n\n")]
