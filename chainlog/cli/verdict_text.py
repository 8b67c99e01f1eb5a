"""The first line of a report of verification: the verdict, and by name what it is given without."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chainlog.cli.output import columns
from chainlog.errors import Sentence
from chainlog.events.wording import printable
from chainlog.export.words.catalogue import words
from chainlog.verifier.report import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from chainlog.verifier.report import Fault, Report

# How wide the line may be, how many names stand in it, and how much of an origin.
WIDTH: Final = 80
_NAMES: Final = (3, 2, 1)
_ROOMS: Final = (40, 24, 16, 10)
_DIGITS: Final = 8
# What is named in words of its own; all else by its place and its code.
_NAMED: Final = frozenset(
    {"attachment-absent", "authority-absent", "body-absent", "body-erased", "chain-absent"}
    | {"chain-rollback", "fields-withheld", "fork-kept", "mark-ahead", "not-a-chain"}
)


def format_verdict(report: Report, *, level: bool = True) -> str:
    """The verdict, then by name the first of what stands against it or is not here.

    `level`: with how much was checked.
    """
    spoken = words()
    verdict = spoken.say(f"verify.verdict.{report.verdict.name.lower()}")
    if level:
        verdict = f"{verdict} ({spoken.say(f'verify.level.{report.level.value}')})"
    found = [*report.faults, *report.missing, *report.without]
    count = report.fault_count + report.missing_count + report.without_count
    if not count:
        return verdict
    first = f"verify.first.{'holds' if report.verdict is Verdict.HOLDS else 'else'}"
    origins = {chain.chain: chain.origin for chain in report.chains}
    return format_named(
        found, count, origins, lambda names: spoken.say(first, verdict=verdict, names=names)
    )


def format_named(
    found: Sequence[Fault], count: int, origins: Mapping[str, str], line: Callable[[str], str]
) -> str:
    """A line with the names of the first of what was found; `count`: how much that is in all.

    `origins`: by chain, as hex. `line`: makes the line from the names. Where it would go beyond 80
    columns, fewer are named, and of long origins the end.
    """
    made = ""
    for room in _ROOMS:
        for most in _NAMES:
            made = line(named([_name(one, origins, room) for one in found[:most]], count))
            if columns(made) <= WIDTH:
                return made
    return made


def named(names: Sequence[str], count: int) -> str:
    """These names, and how many more there are; `count`: of how many they are."""
    told = ", ".join(names)
    more = count - len(names)
    spoken = words()
    if not names:
        return spoken.count("verify.first.unlisted", more)
    return spoken.say("verify.first.more", names=told, more=more) if more else told


def _name(fault: Fault, origins: Mapping[str, str], room: int) -> str:
    """What a fault is about, in a few words; `room`: how many letters an origin may take."""
    params = fault.says.params
    what = params.get("what")
    origin = printable(origins.get(fault.chain) or str(params.get("origin", "")))
    if len(origin) > room:
        origin = f"…{origin[1 - room :]}"
    key = "chain" if fault.index is None else "entry"
    return words().say(
        f"verify.name.{fault.code if fault.code in _NAMED else key}",
        origin=origin or fault.chain[:_DIGITS] or "?",
        index=fault.index,
        code=fault.code,
        digest=str(params.get("digest", ""))[:_DIGITS],
        what=words().tell(what) if isinstance(what, Sentence) else "",
    )
