"""An entry in words: what it says, who signed it, where it stands, and between which times."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chainlog.cli.output import show_time
from chainlog.events.wording import format_paths, printable
from chainlog.export.words.catalogue import said, words
from chainlog.export.words.events import format_event, name_of, role_of
from chainlog.format.keys import format_key_id

if TYPE_CHECKING:
    from chainlog.format.cosignature import Cosignature
    from chainlog.format.opened import Logged
    from chainlog.index.witnessed import Bounds


def describe(
    logged: Logged, held: dict[bytes, dict[str, str]], bounds: Bounds | None = None
) -> str:
    """An entry in words.

    It says the event, who signed it, what it claims, where it stands, and between which times, by
    witnesses.
    """
    header = logged.entry.header
    lines = []
    if logged.fields is not None:
        lines.append(format_event(header.kind, logged.fields))
    else:
        why = (
            said("does not hold: {why}", why=words().tell(logged.problem))
            if logged.problem
            else said("is not held here")
        )
        lines.append(said("{kind} — its body {why}", kind=name_of(header.kind), why=why))
    if logged.body is not None and logged.body.withheld:
        lines.append(said("  withheld: {withheld}", withheld=format_paths(logged.body.withheld)))
    signer = held.get(header.author)
    lines.append(
        said(
            "signed by: {name}",
            name=printable(signer["name"]) if signer else said("(nobody that this chain names)"),
        )
    )
    if signer and signer["party"]:
        lines.append(said("for: {party}", party=printable(signer["party"])))
    if signer and signer["roles"]:
        lines.append(
            said(
                "roles: {roles}",
                roles=", ".join(map(role_of, printable(signer["roles"]).split(", "))),
            )
        )
    lines += [
        said("key: {key}", key=format_key_id(header.author)),
        said("clock: {time} (claimed)", time=show_time(header.time)),
        *(_say_bounds(bounds) if bounds is not None else ()),
        said("id: {id}", id=logged.entry.id.hex()),
        said("entry: {index} of chain {chain}", index=header.index, chain=logged.entry.chain.hex()),
    ]
    return "\n".join(lines)


def _say_bounds(bounds: Bounds) -> list[str]:
    below, above = bounds.not_before, bounds.not_after
    after = (
        said(
            "{below}, in the checkpoint that entry {seen} names",
            below=_said(below),
            seen=bounds.seen,
        )
        if below is not None
        else said("(no witness says)")
    )
    before = (
        said("{above}, over {size} entries", above=_said(above), size=bounds.size)
        if above is not None
        else said("(no witness says)")
    )
    return [said("not before: {after}", after=after), said("not after: {before}", before=before)]


def _said(one: Cosignature) -> str:
    return said(
        "{time}, by {name}", time=show_time(one.time * 1000), name=printable(one.witness.name)
    )
