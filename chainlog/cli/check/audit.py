"""`chainlog audit`: what does not add up.

Exit code 5 where findings of a severity are asked to fail it.
"""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import click

from chainlog.audit.finding import CODES, SEVERITIES
from chainlog.audit.run import audit as find
from chainlog.cli.exit_codes import FINDINGS
from chainlog.cli.inquire import Inquiry, inquire
from chainlog.cli.options import as_of_option, json_option, settings_option
from chainlog.cli.output import emit
from chainlog.events.wording import SHORT_ID, format_time, printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chainlog.audit.finding import Finding

SHOWN: Final = 100
_ENTRIES_SHOWN: Final = 3


@click.command()
@as_of_option
@click.option(
    "--code",
    "codes",
    type=click.Choice(tuple(CODES), case_sensitive=False),
    metavar="CODE",
    multiple=True,
    help="Only this finding, such as SHIP-QTY; may be repeated.",
)
@click.option(
    "--severity", type=click.Choice(SEVERITIES), help="Only findings of this severity, or worse."
)
@click.option("--party", metavar="PARTY", help="Only findings at this party.")
@click.option("--item", metavar="ITEM", help="Only findings that name this item or lot.")
@click.option(
    "--open", "open_", is_flag=True, help="Only findings that the authority has not answered."
)
@click.option(
    "--fail-on",
    type=click.Choice(SEVERITIES),
    help="Exit with 5 where one of this severity, or worse, is open.",
)
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=SHOWN,
    show_default=True,
    help="Show at most so many.",
)
@settings_option
@json_option
@click.pass_context
def audit(
    ctx: click.Context,
    as_of: str | None,
    codes: tuple[str, ...],
    severity: str | None,
    party: str | None,
    item: str | None,
    fail_on: str | None,
    limit: int,
    settings: str | None,
    *,
    open_: bool,
    as_json: bool,
) -> int:
    """Say what does not add up in the chains held here, the worst first (docs/audit.md).

    JSON: {as_of, settings, chains, findings: [{code, severity, sentence, party, place, chain,
    index, entries, items, count, value, as_of, answers}], totals: {findings, by_code,
    by_severity}}.
    """
    with inquire(ctx, as_of, settings) as inquiry:
        wanted = {code.upper() for code in codes} or None
        key = inquiry.items.item(item) if item and ":" not in item else item
        found = [
            one
            for one in find(inquiry.source(), inquiry.settings, wanted)
            if (severity is None or _as_bad(one, severity))
            and (party is None or one.party == party)
            and (key is None or key in one.items)
            and not (open_ and one.cleared)
        ]
        if as_json:
            emit(_plain(inquiry, found))
        else:
            _say(inquiry, found, limit)
    failed = fail_on is not None and any(_as_bad(one, fail_on) and not one.cleared for one in found)
    return FINDINGS if failed else 0


def _as_bad(finding: Finding, severity: str) -> bool:
    return SEVERITIES.index(finding.severity) <= SEVERITIES.index(severity)


def _plain(inquiry: Inquiry, found: Sequence[Finding]) -> dict[str, object]:
    return {
        "as_of": inquiry.instant,
        "settings": inquiry.settings.plain(),
        "chains": [
            {"chain": one.id.hex(), "origin": one.origin, "size": one.size, "problem": one.problem}
            for one in inquiry.items.chains()
        ],
        "findings": [one.plain() for one in found],
        "totals": {
            "findings": len(found),
            "by_code": dict(Counter(one.code for one in found)),
            "by_severity": dict(Counter(one.severity for one in found)),
        },
    }


def _say(inquiry: Inquiry, found: Sequence[Finding], limit: int) -> None:
    for one in found[:limit]:
        click.echo(describe(one))
    if len(found) > limit:
        click.echo(f"and {len(found) - limit} more: --limit {len(found)} shows them")
    counts = Counter(one.severity for one in found)
    told = ", ".join(
        f"{counts[severity]} {severity}" for severity in SEVERITIES if counts[severity]
    )
    by_code = Counter(one.code for one in found)
    click.echo(
        f"{len(found)} findings as of {format_time(inquiry.instant)}"
        + (f": {told}" if told else "")
    )
    if len(by_code) > 1:
        click.echo("  " + ", ".join(f"{code} {by_code[code]}" for code in CODES if by_code[code]))
    sizes = [one.size for one in inquiry.items.chains()]
    told = (
        f"rests on {sum(sizes):,} entries of {len(sizes)} chains, each verified when it was "
        "taken in"
    )
    click.echo(f"{told}; what was never reported, no audit finds")


def describe(finding: Finding) -> str:
    """A finding in lines for a person.

    The sentence first, then where, what it is worth, what it rests on.
    """
    lines = [f"{finding.code} · {finding.severity} · {printable(finding.sentence)}"]
    about = [printable(text) for text in (finding.party, finding.place) if text]
    value = finding.value
    if finding.count > 1:
        about.append(f"{finding.count} things" if finding.items else f"{finding.count} times")
    if value:
        about.append(
            "worth "
            + ", ".join(f"{Decimal(amount):,f} {currency}" for currency, amount in value.items())
        )
    entries = [entry.hex()[:SHORT_ID] for entry in finding.entries]
    more = f" and {len(entries) - _ENTRIES_SHOWN} more" if len(entries) > _ENTRIES_SHOWN else ""
    about.append(f"rests on {', '.join(entries[:_ENTRIES_SHOWN])}{more}")
    lines.append("    " + " · ".join(about))
    for answer in finding.answers:
        by = "the authority" if answer.authority else answer.party
        lines.append(
            f"    answered by {printable(answer.name)} for {printable(by)}: "
            f"{printable(answer.reason)}"
        )
    return "\n".join(lines)


COMMAND: Final[click.Command] = audit
