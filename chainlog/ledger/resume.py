"""The auditor's own notes of what was verified, kept beside the marks.

`verified/<chain id, 64 hex>.verified` (FORMAT.md 9).
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from chainlog.errors import Keyed, NoteError, Sentence, StoreError
from chainlog.format.entry import is_id
from chainlog.format.note import format_note, parse_note
from chainlog.ledger.sources import attachments_in
from chainlog.store import durable
from chainlog.store.checkpoints import read_checkpoint
from chainlog.store.segment.raw import make_durable
from chainlog.verifier.report import Fault, Verdict
from chainlog.verifier.resume_note import NOBODY, open_verified, sign_verified

if TYPE_CHECKING:
    from chainlog.format.keys import Signer
    from chainlog.ledger.marks import Marks
    from chainlog.store.shelf import Shelf
    from chainlog.verifier.report import Report
    from chainlog.verifier.resume_note import Verified

SUFFIX: Final = ".verified"


def read_verified(marks: Marks, key_id: bytes) -> tuple[dict[bytes, Verified], list[str]]:
    """What the auditor with this key verified before, by chain; and what was passed over, in words.

    Raises StoreError.
    """
    folder = marks.state.verified
    found: dict[bytes, Verified] = {}
    passed: list[str] = []
    with StoreError.from_os(
        "what was verified before cannot be read from {folder}: {why}", folder=folder
    ):
        paths = (
            sorted(path for path in folder.iterdir() if path.suffix == SUFFIX and is_id(path.stem))
            if folder.is_dir()
            else []
        )
        for path in paths:
            try:
                told = open_verified(parse_note(read_checkpoint(path)), key_id)
            except (NoteError, StoreError) as error:
                passed.append(
                    Sentence(
                        "{path}: {why}; the chain is verified from its beginning",
                        path=path,
                        why=error.message,
                    )
                )
                continue
            # Whatever the file is named, the note says of which chain it is.
            found[told.chain] = told
    return found, passed


def keep_verified(report: Report, marks: Marks, signer: Signer) -> int:
    """Sign and keep, for every chain that holds by itself, how far it was verified.

    Returns for how many. Raises StoreError.
    """
    kept = 0
    for told in report.chains:
        if told.verified is not None and report.holds_by_itself(told.chain):
            # Only where all of it holds is it known that what was cited stands in chains that
            # count: otherwise it is looked for again.
            kept_so = (
                told.verified
                if report.verdict is Verdict.HOLDS
                else replace(told.verified, trust=NOBODY)
            )
            with StoreError.from_os(
                "what was verified cannot be kept in {marks}: {why}", marks=marks.state.verified
            ):
                make_durable(Path(told.source))
                durable.make_folder(marks.state.verified)
                durable.replace(
                    marks.state.verified / f"{told.chain}{SUFFIX}",
                    format_note(sign_verified(kept_so, signer)),
                )
            kept += 1
    return kept


def check_blobs(report: Report, shelf: Shelf) -> None:
    """Step 10 for every file that is kept as an attachment.

    Entries that were verified before are not asked again which they name.
    """
    state = attachments_in(shelf)
    for digest in shelf.blobs():
        if shelf.holds_blob(digest) and state(digest) == "mismatch":
            message = Keyed("fault.attachment.kept", digest=digest.hex())
            report.add_fault(Fault("", None, 10, "attachment", message))
