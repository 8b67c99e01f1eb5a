"""The attachments that entries name (step 10): held, absent, of other content, or unreadable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from chainlog.errors import Keyed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from chainlog.verifier.place import Sequence

    Attachments = Callable[[bytes], Literal["held", "absent", "mismatch", "unreadable"]]


def judge_attachments(
    check: Sequence,
    named: Iterable[tuple[int, bytes, str]],
    look_up: Attachments,
    *,
    all_asked: bool,
) -> None:
    """Say of each attachment whether the file is held and matches.

    `named`: the index of the entry, the digest, and where the entry stands. `all_asked`: one that
    is not held counts as missing. One that lies there and cannot be read always does: it may be
    the file, or another.
    """
    for index, digest, where in named:
        state = look_up(digest)
        if state == "mismatch":
            says = Keyed("fault.attachment", where=where, index=index, digest=digest.hex())
            check.fault(index, 10, "attachment", says)
        elif state == "held":
            check.told.attachments_held += 1
        else:
            check.told.attachments_absent += 1
            code = f"attachment-{state}"
            says = Keyed(f"fault.{code}", where=where, index=index, digest=digest.hex())
            asked = all_asked or state == "unreadable"
            (check.missing if asked else check.without)(index, 10, code, says)
