"""`chainlog sync PATH`: take from another ledger's folder what this one lacks.

It takes chains, entries and attachments.

Signs nothing and needs no key; writes nothing there. Exit code 3 where a chain was forked or
tampered with, 4 where it cannot be told; what holds is taken all the same.

JSON: {from, given, chains: [{chain, origin, own, state, before, after, fuller, healed, partial,
fault, fork, checkpoints: [{size, root, state}], problem}],
attachments: {taken, mismatched, problem}}
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from chainlog.cli.advice import as_typed
from chainlog.cli.exit_codes import CANNOT_TELL, ERROR, EXIT_OF_CODE, TAMPERED
from chainlog.cli.options import json_flag, workers_option
from chainlog.cli.output import emit, progress_shown, warn
from chainlog.cli.recognise import refuse_file
from chainlog.cli.session import open_ledger
from chainlog.events.wording import SHORT_ID, printable
from chainlog.export.words.catalogue import said, words
from chainlog.index.index import forget_items
from chainlog.sync.folder import sync_folder
from chainlog.verifier.report import STEPS
from chainlog.verifier.run import Missing

if TYPE_CHECKING:
    from chainlog.errors import StoreError
    from chainlog.ledger.ledger import Ledger
    from chainlog.store.shelf import Conflict
    from chainlog.sync.outcome import Synced, TakenChain

_SEEN: Final = {
    "ahead": "there are entries that neither side has here; it is kept",
    "other": "it may be of the other branch, whose entries were not taken; it is kept",
    "forked": "the chain here has OTHER entries: it was forked; it is kept",
}


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@workers_option
@json_flag("Print {from, chains, attachments}.")
@click.pass_context
def sync(ctx: click.Context, path: Path, workers: int | None, *, as_json: bool) -> int:
    """Take from the ledger in the folder PATH what this one lacks.

    Every entry is verified before it is kept. A chain that differs from the one held here is
    refused, and both sides are kept.
    """
    refuse_file(path)
    with open_ledger(ctx) as ledger:
        with progress_shown() as progress:
            told = sync_folder(ledger, path, parallel=workers, progress=progress)
        try:
            if as_json:
                emit(_plain(ledger, path, told))
            else:
                click.echo(as_typed("\n".join(_lines(ledger, told)), ctx))
        finally:
            # The item index was made of what was shown before.
            if told.erased.bodies or any(one.fuller or one.healed for one in told.chains):
                forget_items(ledger, erased=told.erased.bodies > 0)
    for problem in told.erased.problems:
        warn(printable(_say(problem)))
    if erased := told.erased.bodies:
        warn(
            said("{erased} bodies that their owners had erased are erased here too", erased=erased)
        )
    return _exit_code(told)


def _exit_code(told: Synced) -> int:
    """The worst: a fork or tampering, then an error of ours, then what cannot be told."""
    if told.attachments.mismatched or any(
        one.forked or (one.fault and not isinstance(one.fault, Missing)) for one in told.chains
    ):
        return TAMPERED
    problems = [one.problem for one in told.chains if one.problem is not None]
    if told.attachments.problem is not None:
        problems.append(told.attachments.problem)
    problems += told.erased.problems
    if problems:
        return EXIT_OF_CODE.get(problems[0].code, ERROR)
    ahead = any(seen.state == "ahead" for one in told.chains for seen in one.checkpoints)
    nothing = not told.chains or any(one.fault for one in told.chains)
    return CANNOT_TELL if ahead or nothing else 0


def _lines(ledger: Ledger, told: Synced) -> list[str]:
    lines = [line for one in told.chains for line in _lines_of(ledger, one)]
    attachments = told.attachments
    lines += [
        said(
            "attachment {digest}: it cannot be read there or has other content: not kept",
            digest=digest.hex(),
        )
        for digest in attachments.mismatched
    ]
    if attachments.problem is not None:
        lines.append(said("attachments: {why}", why=printable(_say(attachments.problem))))
    if attachments.taken:
        lines.append(said("attachments: {taken} taken", taken=attachments.taken))
    if told.given:
        lines.append(
            said("checkpoints that only you remembered, now in this ledger: {n}", n=told.given)
        )
    return lines if told.chains else [said("no chain was found there"), *lines]


def _lines_of(ledger: Ledger, one: TakenChain) -> list[str]:
    """A line for a chain, and more where something is wrong."""
    name = f"{one.chain.hex()[:SHORT_ID]} {printable(one.origin) or '?'}"
    more = one.after - one.before
    if not more:
        what = {
            "up to date": said("up to date, {after} entries", after=one.after),
            "taken": said("more is shown of entries held before, {after} entries", after=one.after)
            if one.fuller
            else said("damage is healed, {after} entries", after=one.after),
        }.get(one.state, said("nothing taken, {after} entries", after=one.after))
    elif one.own:
        what = said(
            "this ledger's own chain: {more} entries taken back, now {after}",
            more=more,
            after=one.after,
        )
    else:
        what = (
            said("taken {more} entries, now {after}", more=more, after=one.after)
            if one.before
            else said("new, {more} entries", more=more)
        )
    lines = [f"{name}: {what}"]
    lines += _lines_of_bodies(one)
    lines += _fork_lines(ledger, one, one.fork) if one.fork is not None else []
    for seen in one.checkpoints:
        if seen.state != "fits":
            says = _SEEN["other" if one.fork is not None and seen.state == "ahead" else seen.state]
            lines.append(
                said("  checkpoint of {size} entries: {says}", size=seen.checkpoint.size, says=says)
            )
    if fitting := sum(seen.state == "fits" for seen in one.checkpoints):
        lines.append(
            said(
                "  {fitting} checkpoint{which} taken: the chain here fits",
                fitting=fitting,
                which="" if fitting == 1 else "s",
            )
        )
    if one.fault is not None:
        fault, word = one.fault, said("cannot tell") if isinstance(one.fault, Missing) else "fault"
        where = "" if fault.index is None else said(" entry {index}:", index=fault.index)
        lines.append(
            said(
                "  {word}:{where} step {step} ({STEPS}): {code}: {why}",
                word=word,
                where=where,
                step=fault.step,
                STEPS=STEPS[fault.step],
                code=fault.code,
                why=printable(words().tell(fault.says)),
            )
        )
    if one.problem is not None:
        lines.append(said("  not written: {why}", why=printable(_say(one.problem))))
    return lines


def _lines_of_bodies(one: TakenChain) -> list[str]:
    """What became of entries that were held before."""
    lines = []
    if one.fuller:
        lines.append(said("  entries of which more is shown now: {fuller}", fuller=one.fuller))
    if one.healed:
        lines.append(
            said(
                "  entries that were damaged here, and are whole again: {healed}", healed=one.healed
            )
        )
    if one.aside:
        lines.append(said("  what lay there is kept in {aside}", aside=one.aside))
    if one.partial:
        lines.append(
            said("  entries with fields that are not shown here: {partial}", partial=one.partial)
        )
    return lines


def _fork_lines(ledger: Ledger, one: TakenChain, fork: Conflict) -> list[str]:
    lines = [
        (
            said(
                "  fork: entry {index} is {ours} here and {theirs} there",
                index=fork.index,
                ours=fork.ours.hex()[:SHORT_ID],
                theirs=fork.theirs.hex()[:SHORT_ID],
            )
        )
    ]
    if fork in ledger.conflicts():
        lines.append(
            said(
                "  both sides are kept in {conflict_place}",
                conflict_place=ledger.engine.conflict_place(fork),
            )
            + ("" if one.whole else said(", of theirs the first 64 MiB"))
        )
    else:
        lines.append(said("  so many forks of this chain are kept that this one is not"))
    if one.own:
        settled = said(
            "chainlog chain fork --at {index} --other {theirs}",
            index=fork.index,
            theirs=fork.theirs.hex(),
        )
        lines.append(
            said("  if this branch is to stand, its owner says so: {settled}", settled=settled)
        )
    return lines


def _say(problem: StoreError) -> str:
    return problem.message + (f"; {problem.hint}" if problem.hint else "")


def _plain(ledger: Ledger, path: Path, told: Synced) -> dict[str, Any]:
    attachments = told.attachments
    return {
        "from": str(path),
        "given": told.given,
        "chains": [_plain_chain(ledger, one) for one in told.chains],
        "attachments": {
            "taken": attachments.taken,
            "mismatched": [digest.hex() for digest in attachments.mismatched],
            "problem": attachments.problem.message if attachments.problem else None,
        },
    }


def _plain_chain(ledger: Ledger, one: TakenChain) -> dict[str, Any]:
    fork = one.fork
    return {
        "chain": one.chain.hex(),
        "origin": one.origin,
        "own": one.own,
        "state": one.state,
        "before": one.before,
        "after": one.after,
        "fuller": one.fuller,
        "healed": one.healed,
        "partial": one.partial,
        "fault": None
        if one.fault is None
        else {**one.fault.plain(), "certain": not isinstance(one.fault, Missing)},
        "fork": None
        if fork is None
        else {
            "index": fork.index,
            "ours": fork.ours.hex(),
            "theirs": fork.theirs.hex(),
            "kept": ledger.engine.conflict_place(fork) if fork in ledger.conflicts() else None,
            "whole": one.whole,
        },
        "checkpoints": [
            {"size": seen.checkpoint.size, "root": seen.checkpoint.root.hex(), "state": seen.state}
            for seen in one.checkpoints
        ],
        "problem": None
        if one.problem is None
        else {"code": one.problem.code, "message": one.problem.message},
    }


PLACE: Final = 20
SUMMARY: Final = "take from another ledger's folder what this one lacks"
COMMAND: Final[click.Command] = sync
