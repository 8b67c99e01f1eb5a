"""What is told of a file of evidence that was made: in words, and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chainlog.cli.output import say, speak, warn
from chainlog.cli.report_text import format_as_of
from chainlog.events.wording import printable
from chainlog.export.words.catalogue import said, words

if TYPE_CHECKING:
    from pathlib import Path

    from chainlog.export.evidence import Made


def warn_of_missing(made: Made) -> None:
    """Say on stderr what the file lacks, and what whoever checks it cannot tell."""
    for digest in made.unheld:
        warn(
            said(
                "attachment {digest} is not held here, so it is not in the file",
                digest=digest.hex(),
            )
        )
    for missing in made.report.report.missing:
        warn(printable(said("whoever checks it is told: cannot tell: {why}", why=missing.says)))


def plain_made(output: Path, made: Made) -> dict[str, object]:
    """The file and what it proves, as JSON."""
    told = made.report.plain()
    return {
        "file": str(output),
        "bytes": len(made.data),
        "trust": made.authority.hex(),
        **{name: told[name] for name in ("verdict", "claim", "as_of")},
        "entries": len(made.report.shown),
        "withheld": told["withheld"],
        "attachments": {
            "held": len(made.report.attachments),
            "absent": made.report.attachments_absent,
        },
    }


def tell_made(output: Path, made: Made) -> None:
    """Say what the file holds, and how it is checked."""
    report = made.report
    support = len(report.entries) - len(report.shown)
    speak(
        "{output}: {size} bytes, {n} entries, and {support} that they stand on",
        output=output,
        size=len(made.data),
        n=len(report.shown),
        support=support,
    )
    speak(
        "{withheld} fields withheld, {attachments}, {report}",
        withheld=report.withheld,
        attachments=words().count("count.attachments", len(report.attachments)),
        report=format_as_of(report),
    )
    say(said("what is shown can be shown on by whoever gets the file, and not taken back"))
    say(
        said(
            "check it with: chainlog evidence check {output} --trust {authority}",
            output=output,
            authority=made.authority.hex(),
        )
    )
    say(
        said("whoever checks it needs that id from somebody whom they trust, and not from the file")
    )
