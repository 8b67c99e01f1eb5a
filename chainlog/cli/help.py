"""The help in the reader's language: what stands in the code in English, paragraph by paragraph.

A paragraph that shows a shape of JSON is for programs, and stays as it is.
"""

from __future__ import annotations

import copy
import inspect
import re
from typing import TYPE_CHECKING, Final, TypeVar

import click

from chainlog.export.words.catalogue import language, said, words
from chainlog.overrides import override

if TYPE_CHECKING:
    from collections.abc import Iterable

_Command = TypeVar("_Command", bound=click.Command)
# What click adds to the help of an option, at its end.
_ADDED: Final = re.compile(r"(?<=\[)(?:default(?=: )|required)(?=[^\[\]]*\]$)")


class SpokenFormatter(click.HelpFormatter):
    """The help as click lays it out, with click's own words in the reader's language."""

    @override
    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """The line of usage."""
        super().write_usage(prog, args, prefix or f"{words().say('usage.usage')}: ")

    @override
    def write_heading(self, heading: str) -> None:
        """The heading of a section."""
        super().write_heading(words().say("usage.options") if heading == "Options" else heading)

    @override
    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        """Options with their help, and what click says of them."""
        super().write_dl([(term, _told_row(text)) for term, text in rows], col_max, col_spacing)


def _told_row(text: str) -> str:
    if text == "Show this message and exit.":
        return words().say("usage.help")
    return _ADDED.sub(lambda found: words().say(f"usage.{found[0]}"), text)


class SpokenContext(click.Context):
    """A command's context whose help is in the reader's language."""

    formatter_class: type[click.HelpFormatter] = SpokenFormatter


def in_language(command: _Command) -> _Command:
    """The command with its help in the reader's language."""
    if language() == "en":
        return command
    made = copy.copy(command)
    made.context_class = SpokenContext
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


def told_usage(error: click.UsageError) -> str:
    """What click says of a command line that it cannot take; what else it says stays as it is."""
    spoken = words()
    if spoken.language == "en":
        return error.format_message()
    if isinstance(error, click.NoSuchOption):
        told = spoken.say("usage.no_such_option", name=error.option_name)
        near = said(" or ").join(sorted(error.possibilities or ()))
        return spoken.say("usage.near", told=told, near=near) if near else told
    if isinstance(error, click.MissingParameter):
        return spoken.say("usage.missing", name=_name_of(error))
    if isinstance(error, click.BadParameter):
        kind = error.param.type if error.param is not None else None
        why = (
            spoken.say("usage.choices", names=", ".join(map(str, kind.choices)))
            if isinstance(kind, click.Choice)
            else error.message
        )
        name = _name_of(error)
        return spoken.say("usage.invalid", name=name, why=why) if name else why
    if isinstance(error, click.BadOptionUsage):
        return spoken.say("usage.value_of", name=error.option_name)
    return error.format_message()


def _name_of(error: click.BadParameter) -> str:
    return "" if error.param is None else error.param.get_error_hint(error.ctx)


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
