"""The catalogue: a key and its parameters become a sentence in the reader's language.

English is a catalogue like any other. What a kind of event or a finding is called stands beside
its code (`events/kinds.py`, `audit/`), and is looked up there. The sentences of errors and of the
help stand in the code in English, and are their own keys. So a text is sought in the catalogue of
the language, in what the code declares, in the English catalogue, and is else shown as its key.
"""

from __future__ import annotations

import gettext
import io
import os
import struct
import sys
from functools import cache
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING, Any, Final, cast

from chainlog.errors import Keyed, Sentence
from chainlog.export.words.po import compiled, read_po
from chainlog.overrides import override

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chainlog.events.phrase import Phrase

LANGUAGES: Final = ("en", "uk")
LOCALE: Final = Path(__file__).parent / "locale"
# What a catalogue raises that is cut short, or is none.
_BROKEN: Final = (OSError, ValueError, LookupError, struct.error)
# What `format` raises where a text's placeholders are not those that are filled.
_UNFIT: Final = (LookupError, ValueError, AttributeError)


def language(environ: Mapping[str, str] = os.environ) -> str:
    """The language to speak: `$CHAINLOG_LANG`, or else what the locale says.

    The locale speaks by the first of its variables that is set.
    """
    told = next(
        (
            environ[name]
            for name in ("CHAINLOG_LANG", "LC_ALL", "LC_MESSAGES", "LANG")
            if environ.get(name)
        ),
        "",
    )
    return "uk" if told.lower().startswith("uk") else "en"


class Declared(gettext.NullTranslations):
    """The words that the code declares beside what they describe, in one language."""

    spoken: int

    def __init__(self, spoken: str) -> None:
        super().__init__()
        self.spoken = LANGUAGES.index(spoken)

    @override
    def gettext(self, message: str) -> str:
        """The words of a key, or what the next catalogue says."""
        pair = _declared().get(message)
        return super().gettext(message) if pair is None else pair[self.spoken]


@cache
def _declared() -> dict[str, tuple[str, str]]:
    from chainlog.events.kinds import declared_words  # noqa: PLC0415  (only where they are asked for: the command starts without the kinds)

    return declared_words()


class Catalogue:
    """What is said in one language; `english` says it where this one cannot."""

    language: str

    def __init__(
        self, spoken: str, texts: gettext.NullTranslations, english: Catalogue | None = None
    ) -> None:
        self.language, self._texts, self._english = spoken, texts, english

    def say(self, key: str, **params: object) -> str:
        """The text of a key, its placeholders filled."""
        text = self._filled(key, self._texts.gettext(key), params)
        if text is None:
            bare = Keyed(key, **params)
            return bare if self._english is None else self._english.say(key, **params)
        return text

    def count(self, key: str, n: int, **params: object) -> str:
        """The text of a key for so many of something, in the plural form of the language."""
        text = self._filled(key, self._texts.ngettext(key, key, n), {"n": n, **params})
        if text is None and self._english is not None:
            return self._english.count(key, n, **params)
        return Keyed(key, n=n, **params) if text is None else text

    def has(self, key: str) -> bool:
        """Whether there is a text for a key."""
        return self._texts.gettext(key) != key

    def phrase(self, phrase: Phrase) -> str:
        """A phrase, whose words stand where it is made, in this language."""
        return phrase.say(
            lambda template, _: template.texts.get(self.language, template.texts["en"])
        )

    def tell(self, text: str) -> str:
        """A sentence that stands in the code in English, or under a key, in this language.

        Sentences within it are told too. Any other text, and what has no translation, stays as it
        stands.
        """
        if not isinstance(text, Sentence):
            return self.own(text, None) if " " in text else text
        params: dict[str, Any] = {
            name: self.tell(one) if isinstance(one, Sentence) else one
            for name, one in text.params.items()
        }
        if isinstance(text, Keyed):
            return (self.count if "n" in params else self.say)(text.template, **params)
        template = self.own(text.template, _number_of(text))
        try:
            return template.format(**params) if params else template
        except _UNFIT:
            return text

    def own(self, template: str, n: int | None) -> str:
        """A text that is its own key, in the plural form of `n`, which English has for some."""
        text = template if n is None else self._texts.ngettext(template, template, n)
        if self._english is None:
            return text
        known = text != self._english.own(template, n)
        return text if known else self._texts.gettext(template)

    def _filled(self, key: str, text: str, params: dict[str, object]) -> str | None:
        """The text with its placeholders filled; None where it is missing, or speaks of others."""
        if text == key:
            return None
        try:
            return text.format(**params)
        except _UNFIT:
            return None


def _number_of(sentence: Sentence) -> int | None:
    """The number that decides between singular and plural: `n`, or else the first in its text."""
    params = sentence.params
    if not params:
        return None
    for name in ("n", *(one for _, one, _, _ in Formatter().parse(sentence.template) if one)):
        if isinstance(params.get(name), int):
            return cast("int", params[name])
    return None


def words(spoken: str | None = None) -> Catalogue:
    """The words of a language; of the reader's, where none is named."""
    return _words(language() if spoken is None else spoken)


def said(template: str, /, **params: object) -> str:
    """A sentence that stands in the code in English, in the reader's language."""
    return words().tell(Sentence(template, **params))


def english(says: Keyed) -> Keyed:
    """The same, in English as a string: for the message of an error."""
    made = str.__new__(Keyed, words("en").tell(says))
    made.template, made.params = says.template, says.params
    return made


@cache
def _words(spoken: str) -> Catalogue:
    texts = _catalogue(spoken)
    if spoken == "en":
        return Catalogue(spoken, texts)
    english = _words("en")
    texts.add_fallback(english._texts)  # noqa: SLF001  (one chain of catalogues)
    return Catalogue(spoken, texts, english)


def _catalogue(spoken: str) -> gettext.NullTranslations:
    """A language's texts, and behind them what the code declares.

    Where the catalogue is missing or broken, that is said once, and the next one speaks.
    """
    declared = Declared(spoken)
    try:
        found = gettext.GNUTranslations(io.BytesIO(read_catalogue(spoken)))
    except _BROKEN as error:
        instead = "keys are shown" if spoken == "en" else "English is spoken"
        sys.stderr.write(
            f"chainlog: note: the catalogue of {spoken!r} cannot be read ({error}); {instead}\n"
        )
        return declared
    found.add_fallback(declared)
    return found


def read_catalogue(spoken: str, locale: Path | None = None) -> bytes:
    """A language's compiled catalogue.

    In a checkout its source lies beside it, and is read where it is newer than what was compiled.
    Raises OSError, ValueError.
    """
    folder = (locale or LOCALE) / spoken / "LC_MESSAGES"
    source, ready = folder / "chainlog.po", folder / "chainlog.mo"
    if source.exists() and not (
        ready.exists() and ready.stat().st_mtime_ns >= source.stat().st_mtime_ns
    ):
        return compiled(read_po(source.read_text(encoding="utf-8")))
    return ready.read_bytes()
