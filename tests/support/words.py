"""The catalogues as they are written, and which of their texts the conversation of `enter` says."""

from __future__ import annotations

from chainlog.events.kinds import declared_words
from chainlog.export.words.catalogue import LANGUAGES, LOCALE, words
from chainlog.export.words.po import read_po

_SAID_BY_ENTER = ("kind", "about", "field", "value", "choice", "wrong", "foreseen")


def source(spoken):
    """What stands in a `.po` file: the forms of each key."""
    text = (LOCALE / spoken / "LC_MESSAGES" / "chainlog.po").read_text(encoding="utf-8")
    return {key: forms for key, forms in read_po(text).items() if key}


def conversation(spoken):
    """What `enter` says, by key."""
    place = LANGUAGES.index(spoken)
    written = {
        key: forms[0]
        for key, forms in source(spoken).items()
        if " " not in key and (key.partition(".")[0] in _SAID_BY_ENTER or "." not in key)
    }
    return {key: pair[place] for key, pair in declared_words().items()} | written


def english(fault):
    """What a fault says, in English."""
    return words("en").tell(fault.says)
