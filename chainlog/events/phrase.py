"""A phrase: what a person reads, as a key with parameters, and its words in every language.

Whoever finds something out gives a phrase and no sentence. The words stand where the phrase is
made::

    SEALED = Template("how.sealed", {"en": "sealed with {seal}", "uk": "опломбовано: {seal}"})
    SEALED(seal="S-1").say()       # 'sealed with S-1'
    SEALED(seal="S-1").plain()     # {"key": "how.sealed", "params": {"seal": "S-1"}}

A parameter is a text, a number, another phrase, or several of these, which a comma separates.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, TypeAlias, Union

from chainlog.events.kinds import CUSTODY

Value: TypeAlias = Union[str, int, "Phrase", tuple["Value", ...]]
Params: TypeAlias = Mapping[str, Value]
# Gives the text of a template in a reader's language; `{name}` in it stands for a parameter.
Wording: TypeAlias = Callable[["Template", Params], str]

LANGUAGES: Final = ("en", "uk")
_NAME: Final = re.compile(r"\{([a-z_]+)\}")


@cache
def names_in(text: str) -> frozenset[str]:
    """The parameters that a text has."""
    return frozenset(_NAME.findall(text))


@dataclass(frozen=True, slots=True)
class Template:
    """The words of a phrase by language, under a key."""

    key: str
    texts: Mapping[str, str]

    def __call__(self, **params: Value) -> Phrase:
        """The phrase with these parameters. Raises TypeError unless the words have just these."""
        names = names_in(self.texts["en"])
        if params.keys() != names:
            raise TypeError(
                f"{self.key}: its words have {_listed(names)}, and it was given {_listed(params)}"
            )
        return Phrase(self, params)


def _listed(names: Mapping[str, Value] | frozenset[str]) -> str:
    return ", ".join(sorted(names)) or "no parameter"


def in_english(template: Template, params: Params) -> str:
    """The text in English, which needs no catalogue."""
    del params
    return template.texts["en"]


@dataclass(frozen=True, slots=True)
class Phrase:
    """A template with its parameters."""

    template: Template
    params: Params

    def say(self, wording: Wording = in_english) -> str:
        """The phrase in the language that `wording` finds the text in; in English unless given."""
        text = wording(self.template, self.params)
        return _NAME.sub(lambda name: _said(self.params[name[1]], wording), text)

    def plain(self) -> dict[str, Any]:
        """As JSON: {key, params}."""
        return {"key": self.template.key, "params": plain_params(self.params)}


def plain_params(params: Params) -> dict[str, Any]:
    """Parameters as JSON; a phrase in them is {key, params}."""
    return {name: _plain(value) for name, value in params.items()}


def _plain(value: Value) -> Any:  # noqa: ANN401  (JSON has no better type)
    if isinstance(value, Phrase):
        return value.plain()
    return [_plain(one) for one in value] if isinstance(value, tuple) else value


def _said(value: Value, wording: Wording) -> str:
    if isinstance(value, Phrase):
        return value.say(wording)
    if isinstance(value, tuple):
        return ", ".join(_said(one, wording) for one in value)
    return str(value)


_KINDS: Final = {
    shape.kind: Template(f"kind.{shape.kind}", {"en": shape.words.en[0], "uk": shape.words.uk[0]})
    for shape in CUSTODY
}


def name_kind(kind: str) -> Phrase | str:
    """The name of a kind of event, as its class says it; as it stands where none is known."""
    return _KINDS[kind]() if kind in _KINDS else kind
