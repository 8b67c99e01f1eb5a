"""The audit's settings: thresholds, what is monitored, who is in the country.

A TOML file; what it leaves out has the default here.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Any, Final

import msgspec

from chainlog.errors import SettingsError
from chainlog.events.strict_toml import parse_toml

if TYPE_CHECKING:
    from collections.abc import Mapping

Days = Annotated[int, msgspec.Meta(ge=0, le=36_500)]


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Durations in whole days, but for `clock_minutes`.

    `monitored_types`, `monitored_classes`: what is monitored beside what was registered as
    enhanced, by type and by the first digits of the NSN. `in_country`: the parties whose receipt is
    an arrival; where none is listed, anyone's. `programme_parties`: parties inside the programme
    beside those that rosters name.
    """

    init_days: Days = 90
    annual_days: Days = 365
    open_days: Days = 30
    unsigned_days: Days = 14
    loss_days: Days = 30
    late_days: Days = 14
    silent_days: Days = 30
    idle_days: Days = 180
    clock_minutes: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] = 60
    monitored_types: tuple[str, ...] = ()
    monitored_classes: tuple[str, ...] = ()
    in_country: tuple[str, ...] = ()
    programme_parties: tuple[str, ...] = ()

    def plain(self) -> dict[str, Any]:
        """As JSON."""
        told: dict[str, Any] = msgspec.to_builtins(self)
        return told


_KNOWN: Final = Settings.__struct_fields__
# What each setting names: one that occurs nowhere is told, since it leaves out what was meant.
NAMED: Final[Mapping[str, str]] = {
    "monitored_types": "type",
    "monitored_classes": "nsn",
    "in_country": "party",
    "programme_parties": "party",
}


def parse_settings(text: str, name: str = "the settings") -> Settings:
    """The settings in a TOML text. Raises SettingsError, which says where."""
    try:
        found = parse_toml(text)
    except ValueError as error:
        raise SettingsError("{name}: {error}", name=name, error=str(error)[:200]) from None
    try:
        return msgspec.convert(found, Settings)
    except (msgspec.ValidationError, RecursionError) as error:
        told = str(error)[:200]
        strange = [one for one in found if one not in _KNOWN]
        near = get_close_matches(strange[0], _KNOWN, 1) if strange else []
        raise SettingsError(
            "{name}: {told}{told2}",
            name=name,
            told=told[:1].lower(),
            told2=told[1:],
            near="".join(near),
            hint="did you mean {near}?" if near else "docs/audit.md lists the settings",
        ) from None
