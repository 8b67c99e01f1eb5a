"""Filters: the options by which a question leaves something out, and what they may be given.

A value of a closed list (`OneOf`, kinds of entries) that is not in it is an error, which offers the
nearest. A name (`Named`) is any text: one that occurs nowhere in the chains at hand is said, with
what looks like it, and whoever rests on the answer (`audit --fail-on`) is told that nobody can
tell. `open_inquiry` looks at every name of its verb; `tests/cli/test_filters.py` lists them all.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Final, cast

import click

from chainlog.audit.settings import NAMED
from chainlog.cli.options import parse_moment
from chainlog.cli.output import misuse, say
from chainlog.events.kinds import KINDS
from chainlog.events.lookalikes import alike
from chainlog.export.words.catalogue import said
from chainlog.index.names import Names
from chainlog.overrides import override

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from chainlog.audit.settings import Settings
    from chainlog.index.index import Items
    from chainlog.index.names import Given, Sort, Unmet
    from chainlog.ledger.ledger import Ledger

_MOST: Final = 3


class Named(click.types.StringParamType):
    """The type of an option that gives a name of some sort: any text, which should occur."""

    def __init__(self, sort: Sort) -> None:
        self.sort: Final = sort


type_option: Final = click.option(
    "--type", "kind", metavar="TYPE", type=Named("type"), help="Only items of this type."
)


class NearMissError(click.BadParameter):
    """A value that is none of a closed list, and what may have been meant, in words."""


class OneOf(click.Choice[str]):
    """The type of an option that takes one of a closed list."""

    @override
    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        """The value as the list has it. Raises BadParameter."""
        try:
            return super().convert(str(value), param, ctx)
        except click.BadParameter:
            if near := nearest(str(value), self.choices):
                raise NearMissError(none_such(str(value), near), ctx, param) from None
            raise


def nearest(text: str, names: Collection[str]) -> list[str]:
    """Of a closed list what was probably meant, the likeliest first."""
    return alike(text, names)[:_MOST] or get_close_matches(text.lower(), names, _MOST)


def none_such(text: str, near: Sequence[str]) -> str:
    """That a value is none of its list, and what may have been meant."""
    told = said(" or ").join(near)
    return said("{text!r} is none of the values; did you mean {near}?", text=text, near=told)


def check_kinds(ledger: Ledger, chain: bytes, size: int, kinds: Collection[str]) -> None:
    """Raise BadParameter for a kind that neither the vocabulary nor the chain has.

    One of a later version may stand in a chain.
    """
    unknown = [kind for kind in kinds if kind not in KINDS]
    if not unknown:
        return
    there = {logged.entry.header.kind for logged in ledger.read(0, size, chain)}
    for kind in unknown:
        if kind not in there:
            near = nearest(kind, {*KINDS, *there})
            raise click.BadParameter(
                none_such(kind, near)
                if near
                else said("{kind!r} is no kind of entry; 'chainlog schema' lists them", kind=kind),
                param_hint="--kind",
            )


def parse_span(
    ctx: click.Context, since: str | None, until: str | None
) -> tuple[int | None, int | None]:
    """What `--since` and `--until` come to, in ms. Raises UsageError where no time is meant."""
    first, last = parse_moment(since), parse_moment(until, end=True)
    if first is not None and last is not None and first > last:
        raise misuse(ctx, "--since is later than --until: no time is meant")
    return first, last


def say_nothing_meant(count: int, size: int) -> None:
    """Say that filters left out everything, so that nobody takes silence for an answer."""
    if not count and size:
        say(said("none of the {n} entries is meant by these filters", n=size))


def unmet_by(ctx: click.Context, items: Items, settings: Settings) -> tuple[Unmet, ...]:
    """What the options of a verb, and the settings where it has some, name and nothing here has."""
    names, told = Names(items), ctx.params
    since, until = parse_span(ctx, told.get("since"), told.get("until"))
    as_of = parse_moment(told.get("as_of"), end=True)
    return (
        *names.unmet(_given(ctx, settings)),
        *names.unmet_times(
            (told.get("as_of") or "", as_of),
            (told.get("since") or "", since),
            (told.get("until") or "", until),
        ),
    )


def _given(ctx: click.Context, settings: Settings) -> Iterator[Given]:
    for param in ctx.command.params:
        value = ctx.params.get(param.name or "")
        if isinstance(param.type, Named) and value is not None:
            for one in value if param.multiple else (value,):
                yield param.opts[0], param.type.sort, one
    if "settings" in ctx.params:
        for setting, sort in NAMED.items():
            for one in getattr(settings, setting):
                yield setting, cast("Sort", sort), one
