"""A file of evidence, checked and told: by `evidence check`, and by `verify` of such a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from chainlog.cli.files import read_bounded
from chainlog.cli.output import emit, warn
from chainlog.cli.recognise import EVIDENCE, HEAD_BYTES, UNKNOWN, other_file, recognise
from chainlog.cli.report_text import format_evidence_report
from chainlog.events.wording import printable
from chainlog.export.words.catalogue import words
from chainlog.format.evidence import FILE_LIMIT
from chainlog.verifier.evidence import check

if TYPE_CHECKING:
    from chainlog.format.policy import Policy
    from chainlog.verifier.evidence_report import EvidenceReport


def check_and_tell(
    file: str, trusted: bytes, policy: Policy | None, *, limit: int, as_json: bool
) -> EvidenceReport:
    """Check a file, or stdin for `-`, and print what was found. Raises StoreError.

    Of one that is no evidence it is said what it is.
    """
    data = read_bounded(file, FILE_LIMIT, HEAD_BYTES, _may_be_evidence)
    report = check(data, trusted, policy, limit=limit)
    if as_json:
        emit(report.plain())
    else:
        click.echo("\n".join(format_evidence_report(report)))
    found = recognise(data[:HEAD_BYTES])
    if report.evidence is None and found not in {EVIDENCE, UNKNOWN}:
        told, spoken = other_file(file, found), words()
        warn(printable(spoken.tell(told.message)))
        warn(printable(spoken.tell(found.then)))
    return report


def _may_be_evidence(head: bytes) -> bool:
    return recognise(head) in {EVIDENCE, UNKNOWN}
