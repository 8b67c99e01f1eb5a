"""`chainlog audit`: what does not add up.

Exit code 5 where findings of a severity are asked to fail it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from chainlog.audit.finding import SEVERITIES
from chainlog.audit.rulebook import CODES
from chainlog.cli.advice import as_typed
from chainlog.cli.exit_codes import FINDINGS
from chainlog.cli.filters import Named, OneOf
from chainlog.cli.inquiry import open_inquiry
from chainlog.cli.options import as_of_option, json_option, limit_flag, settings_option
from chainlog.cli.output import columns, emit, misuse, say_worth, show_time, speak, warn
from chainlog.cli.verdict_text import WIDTH, named
from chainlog.events.wording import SHORT_ID, printable
from chainlog.export.words.catalogue import said, words
from chainlog.index.questions.audit import FindingFilter, audited

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chainlog.audit.finding import Finding, Untold
    from chainlog.index.questions.audit import Audited

SHOWN: Final = 100
_ENTRIES_SHOWN: Final = 3


@click.command()
@as_of_option
@click.option(
    "--code",
    "codes",
    type=OneOf(tuple(CODES), case_sensitive=False),
    metavar="CODE",
    multiple=True,
    help="Only this finding, such as SHIP-QTY; may be repeated.",
)
@click.option(
    "--severity", type=OneOf(SEVERITIES), help="Only findings of this severity, or worse."
)
@click.option("--party", metavar="PARTY", type=Named("party"), help="Only findings at this party.")
@click.option("--item", metavar="ITEM", help="Only findings that name this item or lot.")
@click.option(
    "--open", "open_", is_flag=True, help="Only findings that the authority has not answered."
)
@click.option(
    "--fail-on",
    type=OneOf(SEVERITIES),
    help="Exit with 5 where one of this severity, or worse, is open.",
)
@limit_flag("Show at most so many.", SHOWN)
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

    JSON: {as_of, settings, chains, findings: [{code, severity, key, params, sentence, party, place,
    chain, index, entries, items, count, value, as_of, answers}], totals: {findings, by_code,
    by_severity}, unmet, not_whole: [as findings], untold: [{code, items, entries, hidden: [{chain,
    party}]}]}; `sentence` is English, `key` and `params` what it is made from; `untold` are no
    findings, since they hang on fields that are not shown.
    """
    only = FindingFilter(codes, severity, party, item, open=open_)
    if fail_on is not None and not only.may_meet(fail_on):
        raise misuse(ctx, "--severity or --code leaves out what --fail-on looks for")
    with open_inquiry(ctx, as_of, settings) as inquiry:
        answer = audited(inquiry, only)
    if as_json:
        emit(answer.plain())
    else:
        _say(answer, limit)
    if fail_on is None:
        return 0
    if answer.open_at(fail_on):
        return FINDINGS
    # Nobody rests on an answer that left out what was meant.
    ctx.find_root().obj["cannot_tell"] |= bool(answer.lacking or answer.unlooked)
    if answer.unlooked:
        warn(
            said(
                "cannot tell whether there is one to fail on: by {names}, what could be one is not "
                "here; get it, or have the authority acknowledge that it is not",
                names=_names(answer.unlooked, 1),
            )
        )
    return 0


def _say(answer: Audited, limit: int) -> None:
    findings, totals = answer.findings, answer.totals
    if answer.not_whole:
        click.echo(_not_whole(answer.not_whole))
    for one in findings[:limit]:
        click.echo(describe(one))
    if len(findings) > limit:
        speak(
            "and {count} more: --limit {all} shows them",
            count=len(findings) - limit,
            all=len(findings),
        )
    if answer.untold:
        _say_untold(answer.untold)
    spoken = words()
    told = ", ".join(
        f"{totals.by_severity[severity]} {spoken.say(f'severity.{severity}')}"
        for severity in SEVERITIES
        if severity in totals.by_severity
    )
    click.echo(
        spoken.count("audit.findings", totals.findings, time=show_time(answer.as_of))
        + (f": {told}" if told else "")
    )
    if len(totals.by_code) > 1:
        by_code = (f"{code} {totals.by_code[code]}" for code in CODES if code in totals.by_code)
        click.echo("  " + ", ".join(by_code))
    if answer.lacking:
        names = ", ".join(dict.fromkeys(f"{one.name} {one.value!r}" for one in answer.lacking))
        speak(
            "not looked at, since nothing here is meant by it: {names}",
            names=printable(names),
        )
    told = said(
        "rests on {entries:,} entries of {chains}, each verified when it was taken in",
        entries=totals.entries,
        chains=spoken.count("count.chains", len(answer.chains)),
    )
    speak("{told}; what was never reported, no audit finds", told=told)


def _say_untold(untold: Sequence[Untold]) -> None:
    """What hangs on what is not shown: a line of each code, with how many and about what."""
    speak("cannot be told, because fields are hidden here; it accuses nobody:")
    for code in CODES:
        some = [one for one in untold if one.code == code]
        items = [*dict.fromkeys(printable(item) for one in some for item in one.items)]
        about = f": {named(items[:_ENTRIES_SHOWN], len(items))}" if items else ""
        if some:
            click.echo(f"  {len(some)} × {code}{about}")


def _not_whole(found: Sequence[Finding]) -> str:
    """The first line, where the chains are not all here: which findings say so, and of whom."""
    spoken, line = words(), ""
    for most in (3, 2, 1):
        line = spoken.say("audit.not_whole", names=_names(found, most))
        if columns(line) <= WIDTH:
            break
    return line


def _names(found: Sequence[Finding], most: int) -> str:
    """The codes and parties of some findings, at most so many."""
    names = [f"{one.code} ({printable(one.party)})" if one.party else one.code for one in found]
    return named(names[:most], len(names))


def describe(finding: Finding) -> str:
    """A finding in lines for a person.

    The sentence first, then where, what it is worth, what it rests on.
    """
    severity = words().say(f"severity.{finding.severity}")
    ctx = click.get_current_context(silent=True)
    sentence = as_typed(words().phrase(finding.phrase), ctx)
    lines = [f"{finding.code} · {severity} · {printable(sentence)}"]
    about = [printable(text) for text in (finding.party, finding.place) if text]
    value = finding.value
    if finding.count > 1:
        about.append(
            said("{count} things", count=finding.count)
            if finding.items
            else said("{count} times", count=finding.count)
        )
    if value:
        about.append(said("worth {value}", value=say_worth(value)))
    entries = [entry.hex()[:SHORT_ID] for entry in finding.entries]
    more = (
        said(" and {count} more", count=len(entries) - _ENTRIES_SHOWN)
        if len(entries) > _ENTRIES_SHOWN
        else ""
    )
    about.append(
        said("rests on {entries}{more}", entries=", ".join(entries[:_ENTRIES_SHOWN]), more=more)
    )
    lines.append("    " + " · ".join(about))
    for answer in finding.answers:
        by = said("the authority") if answer.authority else answer.party
        lines.append(
            said(
                "    answered by {name} for {by}: {reason}",
                name=printable(answer.name),
                by=printable(by),
                reason=printable(answer.reason),
            )
        )
    return "\n".join(lines)


PLACE: Final = 20
SUMMARY: Final = "say what does not add up"
COMMAND: Final[click.Command] = audit
