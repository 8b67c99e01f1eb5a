"""`chainlog demo DIR`: build the ledgers of the seeds' story, look at one item's life, verify, export, say what to try next."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from chainlog.cli.session import emit, say
from chainlog.demo import Built, build, read_seeds
from chainlog.export import jsonl, tabular
from chainlog.identity import format_item
from chainlog.ledger import Ledger, verify_path
from chainlog.report import Report, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

# The item whose life the demo shows: it was registered, sent, received, handed on, worn out.
_SHOWN: Final = {"maker": "DEMHA", "part": "M777-A2", "serial": "HW7-03005-07"}


@click.command("demo", short_help="build ledgers from the seeds and look at them")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Say what was built as one JSON object.")
def demo(folder: Path, *, as_json: bool) -> int:
    """Build the demo's ledgers in DIR, which must be empty or new.

    A year of made-up movements of 7,000 things, whose numbers are a party's claim and unverified, signed at five sites.
    """
    began = time.monotonic()
    built = build(folder, read_seeds())
    reports = {site: verify_path(folder / site) for site in built.chains}
    exports = {site: _export(folder, site) for site in built.chains}
    seconds = time.monotonic() - began
    if as_json:
        emit(_plain(built, reports, exports))
    else:
        _tell(built, reports, seconds)
    return max(_EXIT[report.verdict] for report in reports.values())


_EXIT: Final = {Verdict.HOLDS: 0, Verdict.TAMPERED: 3, Verdict.CANNOT_TELL: 4}


def _tell(built: Built, reports: dict[str, Report], seconds: float) -> None:
    folder = built.folder
    total = sum(built.entries.values())
    click.echo(
        f"Signed {total:,} entries about {built.items:,} serialised things, lots of ammunition and funds, at {len(built.chains)} sites."
    )
    click.echo("The totals are one party's claim, unverified; serials, people and places are made up (seeds/README.md).\n")
    click.echo(f"The life of one howitzer, {format_item(_SHOWN)}, out of {len(built.chains)} ledgers:")
    for moment, site, kind, words in sorted(_life(built)):
        click.echo(f"  {moment[:16].replace('T', ' ')}  {site:<10} {kind:<10} {words}")
    click.echo("\nVerified, every signature and every link:")
    for site, report in reports.items():
        chain = report.chains[0]
        click.echo(f"  {site:<10} {report.verdict.value:<12} {chain.size:>6,} entries  head {(chain.head or '?')[:16]}…")
    for report in reports.values():
        for fault in (*report.faults, *report.missing):
            say(f"  step {fault.step}: {fault.message}")
    click.echo(f"\nExported to {folder / 'export'}: JSON lines and CSV of each site. Took {seconds:.0f} s.\n")
    click.echo("Try next:")
    for command in (
        f"chainlog --ledger {folder / 'depot'} status",
        f"chainlog --ledger {folder / 'depot'} log --kind loss",
        f"chainlog verify {folder / 'hq'}",
        f"chainlog --ledger {folder / 'depot'} enter",
    ):
        click.echo(f"  {command}")


def _life(built: Built) -> Iterator[tuple[str, str, str, str]]:
    """Every event that names the item: when, at which site, what, and between whom."""
    for site in built.chains:
        with Ledger.open(built.folder / site, marks=built.folder / "keys" / "marks") as ledger:
            for logged in ledger.read():
                fields = logged.fields or {}
                lines = fields.get("lines", [])
                if fields.get("item") != _SHOWN and not any(line.get("item") == _SHOWN for line in lines):
                    continue
                yield fields["event_time"], site, logged.entry.header.kind, _between(fields)


def _between(fields: dict[str, Any]) -> str:
    if "from" in fields:
        words = f"{fields['from']} → {fields['to']}"
    elif "now" in fields:
        words = f"condition {fields.get('was', '?')} → {fields['now']}"
    else:
        words = str(fields.get("holder", ""))
    return f"{words}  ({fields['document']})" if "document" in fields else words


def _export(folder: Path, site: str) -> list[str]:
    target = folder / "export"
    target.mkdir(exist_ok=True)
    names = [f"{site}.jsonl", f"{site}.csv"]
    with Ledger.open(folder / site, marks=folder / "keys" / "marks") as ledger:
        for name, form in zip(names, (jsonl, tabular), strict=True):
            with (target / name).open("w", encoding="utf-8", newline="") as file:
                form.write_entries(ledger.read, file.write)
    return names


def _plain(built: Built, reports: dict[str, Report], exports: dict[str, list[str]]) -> dict[str, Any]:
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


COMMANDS: Final = {"demo": demo}
