"""The help in the reader's language: what stands in the code in English, paragraph by paragraph.

Shapes of JSON in it are for programs, and stay as they are.
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
# What stands for a value, such as FILE; a shape of JSON has none.
_METAVAR: Final = re.compile(r"\b[A-Z]{2,}(?: RANGE)?\b")
# What click says of a value or a command, and the key of our words for it.
_CLICKS: Final = (
    (re.compile(r"(?P<name>.+) is not in the range (?P<range>.+)\."), "usage.range"),
    (re.compile(r"(?P<name>.+) is not a valid integer(?: range)?\."), "usage.integer"),
    (re.compile(r"\w+ (?P<name>.+) does not exist\."), "usage.absent"),
    (re.compile(r"\w+ (?P<name>.+) is a directory\."), "usage.folder"),
    (re.compile(r"\w+ (?P<name>.+) is a file\."), "usage.no_folder"),
    (re.compile(r"No such command (?P<name>'.+?')\..*"), "usage.no_such_command"),
    (re.compile(r"Got unexpected extra arguments? \((?P<name>.+)\)"), "usage.surplus"),
)
# What click, or a word of ours, says of an option and nothing else.
_WHOLE: Final = {"Show this message and exit.": "usage.help", "Required.": "usage.needed"}
# What click adds to the help of an option, at its end.
_ADDED: Final = re.compile(r"(?<=\[)(?:default(?=: )|required)(?=[^\[\]]*\]$)")


class SpokenFormatter(click.HelpFormatter):
    """The help as click lays it out, with click's own words in the reader's language."""

    @override
    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """The line of usage."""
        super().write_usage(prog, _name_values(args), prefix or f"{words().say('usage.usage')}: ")

    @override
    def write_heading(self, heading: str) -> None:
        """The heading of a section."""
        key = f"usage.{heading.lower()}"
        super().write_heading(words().say(key) if words().has(key) else heading)

    @override
    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        """Options with their help, and what click says of them."""
        told_rows = [(_name_values(term), _told_row(text)) for term, text in rows]
        super().write_dl(told_rows, col_max, col_spacing)


def _name_values(text: str) -> str:
    """A text in which what stands for a value (`FILE`) is said in the reader's language."""
    spoken = words()

    def name(found: re.Match[str]) -> str:
        key = f"metavar.{found[0].removesuffix(' RANGE').lower()}"
        return spoken.say(key) if spoken.has(key) else found[0]

    return _METAVAR.sub(name, text)


def _told_row(text: str) -> str:
    if text in _WHOLE:
        return words().say(_WHOLE[text])
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
            if isinstance(kind, click.Choice) and type(error) is click.BadParameter
            else _told_click(error.message)
        )
        name = _name_of(error)
        return spoken.say("usage.invalid", name=name, why=why) if name else why
    if isinstance(error, click.BadOptionUsage):
        return spoken.say("usage.value_of", name=error.option_name)
    return _told_click(error.format_message())


def _told_click(text: str) -> str:
    """What click says in a sentence of its own; any other stays as it is."""
    for pattern, key in _CLICKS:
        match = pattern.fullmatch(text)
        if match is not None:
            return words().say(key, **match.groupdict())
    return text


def _name_of(error: click.BadParameter) -> str:
    return "" if error.param is None else _name_values(error.param.get_error_hint(error.ctx))


def told_phrase(kind: str) -> str:
    """The help of a kind's verb: the kind's own phrase, as a sentence. Empty for other verbs."""
    spoken = words()
    if not spoken.has(f"about.{kind}"):
        return ""
    phrase = spoken.say(f"about.{kind}")
    return f"{phrase[:1].upper()}{phrase[1:]}."


def told(text: str | None) -> str | None:
    """A text of the help, each paragraph told by itself."""
    return None if text is None else "\n\n".join(map(_told_paragraph, paragraphs(text)))


def _told_paragraph(text: str) -> str:
    template, shapes = without_shapes(text)
    told = _name_values(words().tell(template))
    for number, shape in enumerate(shapes, 1):
        told = told.replace(f"{{{number}}}", shape)
    return told


def without_shapes(text: str) -> tuple[str, list[str]]:
    """A paragraph with `{1}`, `{2}`, … for the shapes of JSON in it, and these."""
    template, shapes, depth = "", [""], 0
    for char in text:
        depth += char == "{"
        if depth:
            shapes[-1] += char
        else:
            template += char
        if char == "}" and depth == 1:
            template += f"{{{len(shapes)}}}"
            shapes.append("")
        depth -= char == "}"
    return template, shapes[:-1]


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a text, each in one line."""
    return [" ".join(one.split()) for one in inspect.cleandoc(text).split("\n\n")]
