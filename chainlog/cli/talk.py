"""The conversation: questions and prose on stderr, answers line by line, in one language."""

from __future__ import annotations

import sys
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import click

from chainlog.cli.advice import as_typed
from chainlog.cli.output import say
from chainlog.errors import Sentence
from chainlog.events.door.agreement import NO, YES
from chainlog.export.words.catalogue import words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chainlog.errors import ChainlogError

_T = TypeVar("_T")


class Wrong(Exception):  # noqa: N818  (an answer, not an error of the program)
    """An answer that cannot be taken: the catalogue's key that says why, and its placeholders."""

    key: str
    values: dict[str, object]

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key, self.values = f"wrong.{key}", values


def pick(text: str, options: Sequence[tuple[_T, Sequence[str]]]) -> _T:
    """The option that a number, a name or the beginning of one means. Raises Wrong."""
    wanted = text.casefold()
    if wanted.isdecimal():
        if len(wanted) > 3 or not 1 <= int(wanted) <= len(options):
            raise Wrong("number_of", most=len(options))
        return options[int(wanted) - 1][0]
    exact = [one for one in options if wanted in {name.casefold() for name in one[1]}]
    found = exact or [
        one for one in options if any(name.casefold().startswith(wanted) for name in one[1])
    ]
    if not found or not wanted:
        raise Wrong("choice")
    if len(found) > 1:
        raise Wrong("several", names=", ".join(names[0] for _, names in found))
    return found[0][0]


@dataclass(slots=True)
class Talk:
    """A conversation in one language: questions and prose on stderr, answers line by line.

    The answers come from whoever is there.
    """

    language: str

    def text(self, key: str, **values: object) -> str:
        """The message of a key, its placeholders filled; sentences among them are told too."""
        spoken = words(self.language)
        told = {
            name: spoken.tell(one) if isinstance(one, Sentence) else one
            for name, one in values.items()
        }
        return spoken.say(key, **told)

    def names(self, key: str, plain: str) -> tuple[str, ...]:
        """What a person may type for an answer.

        Its name in this language, its name in English, and its plain one.
        """
        either = {"yes": YES, "no": NO}.get(plain, ())
        return (self.text(key), words("en").say(key), plain, *either)

    def tell(self, key: str, **values: object) -> None:
        """Say a message of the catalogue."""
        say(as_typed(self.text(key, **values), click.get_current_context(silent=True)))

    def complain(self, error: ChainlogError) -> None:
        """Say an error with its hint."""
        spoken = words(self.language)
        self.tell("error", message=spoken.tell(error.message))
        if error.hint:
            self.tell("hint", hint=spoken.tell(error.hint))

    def hear(self, prompt: str) -> str:
        """One answer, without spaces around it. Raises EOFError at the end of input."""
        while True:
            click.echo(f"{prompt}: ", nl=False, err=True)
            line = sys.stdin.readline()
            if not line:
                raise EOFError
            answer = line.strip()
            if not any(unicodedata.category(char) in {"Cc", "Cs"} for char in answer):
                return answer
            self.tell("wrong.keys")

    def until(self, prompt: str, read: Callable[[str], _T]) -> _T:
        """Ask until an answer can be taken."""
        while True:
            try:
                return read(self.hear(prompt))
            except Wrong as wrong:
                self.tell(wrong.key, **wrong.values)

    def choose(self, key: str, names: Sequence[str], default: str | None = None) -> str:
        """One of the named choices, shown in one line; Enter takes the default."""
        options = [(name, self.names(f"choice.{name}", name)) for name in names]
        shown = " · ".join(f"{number} {labels[0]}" for number, (_, labels) in enumerate(options, 1))
        prompt = f"{self.text(key)} {shown}" + (
            f" [{self.text(f'choice.{default}')}]" if default else ""
        )
        return self.until(
            prompt, lambda text: default if default and not text else pick(text, options)
        )
