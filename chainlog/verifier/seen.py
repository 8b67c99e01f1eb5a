"""The checkpoint that a `chain.seen` cites (step 7): what the entry alone tells against it.

It is a checkpoint, of the same chain, and of before the entry. Its root only the whole chain tells.
"""

from __future__ import annotations

from chainlog.errors import Keyed, NoteError
from chainlog.format.checkpoint import format_origin_line, parse_checkpoint
from chainlog.format.note import parse_note


def doubt_of_seen(index: int, text: str, origin: str, chain: bytes) -> tuple[str, Keyed] | None:
    """The code and the words of what is wrong with `text`, which entry `index` cites.

    `origin`, `chain`: what the chain of the entry calls itself, and its id. None where nothing is.
    """
    try:
        told = parse_checkpoint(parse_note(text.encode()).text)
    except NoteError as error:
        says = Keyed("fault.entry", index=index, why=error.message)
        return "checkpoint-malformed", says
    if told.origin != format_origin_line(origin, chain):
        says = Keyed("fault.checkpoint-foreign.cited", index=index, origin=told.origin[:200])
        return "checkpoint-foreign", says
    if told.size > index:
        return "checkpoint-ahead", Keyed("fault.checkpoint-ahead", index=index, n=told.size)
    return None
