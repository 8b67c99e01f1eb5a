"""`chainlog demo DIR`: build the ledgers of the seeds' story.

It then looks at one item's life, verifies, exports, and says what to try next.
"""

from __future__ import annotations

import shlex
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from chainlog.audit.finding import SEVERITIES
from chainlog.cli.exit_codes import EXIT_OF_VERDICT
from chainlog.cli.input import read_settings
from chainlog.cli.options import json_flag
from chainlog.cli.output import emit, say, speak
from chainlog.custody.order import Order
from chainlog.demo.build import Built, build, read_seeds, state_of
from chainlog.events.things import format_item
from chainlog.events.wording import format_time
from chainlog.export.exporter import exporters
from chainlog.export.subject import Subject
from chainlog.export.words.catalogue import said
from chainlog.index.index import Items
from chainlog.index.inquiry import Inquiry
from chainlog.index.questions.audit import FindingFilter, audited
from chainlog.ledger.at_path import verify_path
from chainlog.ledger.ledger import Ledger
from chainlog.verifier.trust import Trust

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chainlog.index.questions.audit import AuditTotals
    from chainlog.verifier.report import Report

# The item whose life the demo shows: it was registered, sent, received, handed on, worn out.
_SHOWN: Final = {"maker": "DEMHA", "part": "M777-A2", "serial": "HW7-03005-07"}


@click.command("demo", short_help="build ledgers from the seeds and look at them")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@json_flag("Say what was built as one JSON object.")
def demo(folder: Path, *, as_json: bool) -> int:
    """Build the demo's ledgers in DIR, which must be empty or new.

    Two years of made-up movements of 7,000 things, whose numbers are a party's claim and
    unverified, signed at five sites.
    """
    began = time.monotonic()
    built = build(folder, read_seeds())
    authority = next(iter(built.chains))
    trust = Trust(built.chains[authority])
    # Whoever has the authority's ledger has all chains, and needs one id to trust.
    reports = {
        site: verify_path(folder / site, trust=trust if site == authority else None)
        for site in built.chains
    }
    exports = {site: _export(folder, site) for site in built.chains}
    seconds = time.monotonic() - began
    if as_json:
        emit(_plain(built, reports, exports))
    else:
        _tell(built, reports, seconds)
    return max(EXIT_OF_VERDICT[report.verdict.value] for report in reports.values())


def _tell(built: Built, reports: dict[str, Report], seconds: float) -> None:
    total = sum(built.entries.values())
    speak(
        "Signed {total:,} entries about {items:,} serialised things, lots of "
        "ammunition and funds, at {count} sites.",
        total=total,
        items=built.items,
        count=len(built.chains),
    )
    speak(
        "The totals are one party's claim, unverified; serials, people and "
        "places are made up (seeds/README.md).\n"
    )
    totals = _tell_life(built)
    _tell_reports(built, reports)
    counts = totals.by_severity
    told = ", ".join(
        f"{counts[severity]} {severity}" for severity in SEVERITIES if severity in counts
    )
    day = format_time(built.closing)[:10]
    speak(
        "\nThe audit of {day} finds {count} things that do not add up, all "
        "planted (seeds/findings.toml): {told}.",
        day=day,
        count=totals.findings,
        told=told,
    )
    formats = said(" and ").join(one.summary for one in exporters().values())
    speak(
        "\nExported to {folder}: {formats} of each site. Took {seconds:.0f} s.\n",
        folder=built.folder / "export",
        formats=formats,
        seconds=seconds,
    )
    _tell_next(built, day)


def _tell_life(built: Built) -> AuditTotals:
    """The life of one item, and what the audit of the ledger that tells it finds."""
    folder, authority = built.folder, next(iter(built.chains))
    with (
        Ledger.open(folder / authority, marks=state_of(folder).marks) as ledger,
        Items.of(ledger) as items,
    ):
        speak(
            "The life of one howitzer, {SHOWN}, as {authority} has it from {count} chains:",
            SHOWN=format_item(_SHOWN),
            authority=authority,
            count=len(built.chains),
        )
        for line in _life(built, items):
            click.echo(f"  {line}")
        inquiry = Inquiry(ledger, items, built.closing, read_settings(ledger, None))
        return audited(inquiry, FindingFilter()).totals


def _tell_reports(built: Built, reports: dict[str, Report]) -> None:
    speak(
        "\nVerified, every signature and every link, and at the authority with "
        "nothing but its id to trust:"
    )
    for site, report in reports.items():
        chain = next(one for one in report.chains if one.chain == built.chains[site].hex())
        others = (
            said(", and {count} chains of others", count=len(report.chains) - 1)
            if len(report.chains) > 1
            else ""
        )
        speak(
            "  {site:<10} {value:<12} {size:>6,} entries  head {head}…{others}",
            site=site,
            value=report.verdict.value,
            size=chain.size,
            head=(chain.head or "?")[:16],
            others=others,
        )
    for report in reports.values():
        for fault in (*report.faults, *report.missing):
            say(said("  step {step}: {why}", step=fault.step, why=fault.says))


def _tell_next(built: Built, day: str) -> None:
    authority, *_ = (shlex.quote(str(built.folder / site)) for site in built.chains)
    depot = shlex.quote(str(built.folder / "depot"))
    home = shlex.quote(str(state_of(built.folder).home.resolve()))
    trusted = next(iter(built.chains.values())).hex()
    serial = _SHOWN["serial"]
    speak("Try next (docs/questions.md has the ten questions of an inspector, and the answers):")
    for command in (
        *_on_path(),
        f"export CHAINLOG_HOME={home}",
        f"chainlog --ledger {authority} audit --as-of {day} --severity critical",
        f"chainlog --ledger {authority} coverage --as-of {day}",
        f"chainlog --ledger {authority} trace {serial}",
        f"chainlog verify {authority} --trust {trusted}",
        f"chainlog --ledger {authority} evidence make {serial} --alone -o howitzer.evidence",
        f"chainlog evidence check howitzer.evidence --trust {trusted}",
        f"chainlog --ledger {depot} enter",
    ):
        click.echo(f"  {command}")


def _on_path() -> list[str]:
    """What makes `chainlog` a command where it was called by its path, as `make demo` does."""
    called = Path(sys.argv[0])
    if shutil.which("chainlog") is not None or called.name != "chainlog" or not called.is_file():
        return []
    return [f"export PATH={shlex.quote(str(called.parent.absolute()))}:$PATH"]


def _life(built: Built, items: Items) -> Iterator[str]:
    """Every event that names the item, in order: when, at which site, what, and between whom."""
    sites = {chain: site for site, chain in built.chains.items()}
    for act in Order(touch.act for touch in items.book().history(format_item(_SHOWN))).acts:
        yield (
            f"{format_time(act.happened)[:16].replace('T', ' ')}  {sites[act.chain]:<10} "
            f"{act.kind:<10} {_between(act.fields)}"
        )


def _between(fields: dict[str, Any]) -> str:
    if "from" in fields:
        words = f"{fields['from']} → {fields['to']}"
    elif "now" in fields:
        words = said("condition {fields} → {now}", fields=fields.get("was", "?"), now=fields["now"])
    else:
        words = str(fields.get("holder", ""))
    return f"{words}  ({fields['document']})" if "document" in fields else words


def _export(folder: Path, site: str) -> list[str]:
    target = folder / "export"
    target.mkdir(exist_ok=True)
    names = [f"{site}{one.suffixes[0]}" for one in exporters().values()]
    with Ledger.open(folder / site, marks=state_of(folder).marks) as ledger:
        subject = Subject(ledger, ledger.chain, ledger.head.size)
        for name, exporter in zip(names, exporters().values(), strict=True):
            options = {option.name: option.default for option in exporter.options}
            with (target / name).open("wb") as file:
                exporter.write(subject, file.write, options)
    return names


def _plain(
    built: Built, reports: dict[str, Report], exports: dict[str, list[str]]
) -> dict[str, Any]:
    return {
        "folder": str(built.folder),
        "items": built.items,
        "sites": [
            {
                "site": site,
                "ledger": str(built.folder / site),
                "chain": chain.hex(),
                "size": built.entries[site],
                "verdict": reports[site].verdict.value,
                "exports": [str(built.folder / "export" / name) for name in exports[site]],
            }
            for site, chain in built.chains.items()
        ],
    }


PLACE: Final = 80
SUMMARY: Final = "build ledgers from the seeds and look at them"
COMMAND: Final[click.Command] = demo
