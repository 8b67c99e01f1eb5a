"""DUP-SERIAL, ID-WEAK: one identity for two things, two identities for one."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import unquote

from chainlog.audit.family import Family, Source
from chainlog.audit.finding import Spot
from chainlog.events.lookalikes import looks
from chainlog.events.things import is_ncage
from chainlog.overrides import override

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from chainlog.audit.settings import Settings
    from chainlog.custody.act import Act
    from chainlog.custody.state import Custody


class Identities(Family):
    """Items registered twice or seen in two places.

    Items that are weakly identified, or look like another.
    """

    codes: ClassVar = ("DUP-SERIAL", "ID-WEAK")

    def __init__(self, source: Source, settings: Settings) -> None:
        super().__init__(source, settings)
        # By maker and what the part looks like: serials of registered items; typed ones that nobody
        # registered.
        self.registered: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        self.typed: defaultdict[tuple[str, str], dict[str, list[tuple[str, Act]]]] = defaultdict(
            dict
        )
        # And by what the serial looks like.
        self.alike: defaultdict[tuple[str, str, str], list[tuple[str, Act]]] = defaultdict(list)

    @override
    def item(self, state: Custody) -> Iterator[Spot]:
        """What one item's identity shows."""
        for broken in state.breaks:
            if broken.code == "DUP-SERIAL":
                entries = (*(broken.other.ids if broken.other else ()), *broken.act.ids)
                says = (
                    f"{{things}}: {broken.how}: find out whether these are two things with "
                    "one number"
                )
                act = broken.act
                yield Spot(
                    "DUP-SERIAL",
                    (state.key,),
                    says,
                    act,
                    (state.key,),
                    entries,
                    act.party,
                    act.text("place"),
                )
        named = state.registered or state.last
        if named is None:
            return
        maker, part, serial = _parts(state.key)
        weak = _weakness(state.key, maker, part, serial)
        if weak:
            says = f"{{things}}: {weak}: read the plate again and correct the entry"
            yield Spot(
                "ID-WEAK",
                (state.key,),
                says,
                named,
                (state.key,),
                named.ids,
                named.party,
                named.text("place"),
            )
            return
        kind = maker, looks(part)
        self.alike[*kind, looks(serial)].append((state.key, named))
        if state.registered is not None:
            self.registered[kind].add(serial)
        elif state.typed:
            self.typed[kind].setdefault(serial, []).append((state.key, named))

    @override
    def rest(self) -> Iterator[Spot]:
        """Which identities are one another's doubles."""
        for some in self.alike.values():
            if len(some) > 1:
                some.sort(key=lambda one: (one[1].key, one[0]))
                for key, later in some[1:]:
                    yield self._double(key, later, some[0][0], "looks like")
        for kind, typed in self.typed.items():
            for serial, other in slips(typed, self.registered.get(kind, ())):
                for key, act in typed[serial]:
                    yield self._double(key, act, other, "is one keystroke from")

    def _double(self, key: str, act: Act, other: str, how: str) -> Spot:
        says = f"{{things}} {how} {other}: read the plate again, and correct whichever is wrong"
        return Spot("ID-WEAK", (key,), says, act, (key,), act.ids, act.party, act.text("place"))


def _parts(key: str) -> tuple[str, str, str]:
    if key.startswith("uii:"):
        return "", "", unquote(key[4:])
    maker, part, serial = (unquote(one) for one in key.split("/"))
    return maker, part, serial


def _weakness(key: str, maker: str, part: str, serial: str) -> str:
    if not key.startswith("uii:"):
        missing = [name for name, value in (("maker", maker), ("part", part)) if not value]
        if missing:
            return f"no {' and no '.join(missing)}"
        if not is_ncage(maker):
            return f"{maker!r} is no maker's code (five of 0-9 and A-Z, without I and O)"
    return (
        ""
        if serial.strip() == serial and serial.isprintable()
        else "the serial has spaces or signs that cannot be read"
    )


def slips(typed: Collection[str], registered: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each typed serial of which a single slip at the keyboard makes a registered one.

    With it comes the first of these registered ones (`identity.one_keystroke`). Those that merely
    look alike are left out. What a slip may have made is looked up and not compared one by one: the
    time is that of reading all of them, whatever somebody thought of to register.
    """
    first: dict[str, str] = {}
    for serial, other in _slipped(frozenset(typed), frozenset(registered)) if typed else ():
        if other != serial:
            first[serial] = min(other, first.get(serial, other))
    yield from (
        (serial, other) for serial, other in sorted(first.items()) if looks(serial) != looks(other)
    )


def _slipped(typed: frozenset[str], registered: frozenset[str]) -> Iterator[tuple[str, str]]:
    for at in range(max(map(len, typed)) + 1):
        left = {_without(serial, at) for serial in typed if at < len(serial)}
        # By what is left without the key at this place: the two first of the registered, one of
        # which may be the typed one itself.
        least: dict[str, list[str]] = {}
        for other in registered:
            rest = _without(other, at) if at < len(other) else ""
            if rest in typed:
                yield rest, other
            if rest in left and at < len(other):
                least[rest] = sorted([*least.get(rest, ()), other])[:2]
        for serial in typed:
            rest = _without(serial, at)
            swapped = serial[:at] + serial[at + 1 : at + 2] + serial[at : at + 1] + serial[at + 2 :]
            yield from ((serial, other) for other in least.get(rest, ()) if at < len(serial))
            yield from ((serial, other) for other in (rest, swapped) if other in registered)


def _without(serial: str, at: int) -> str:
    return serial[:at] + serial[at + 1 :]
