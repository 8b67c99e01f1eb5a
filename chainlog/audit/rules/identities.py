"""DUP-SERIAL, ID-WEAK: one identity for two things, two identities for one."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, ClassVar, Final
from urllib.parse import unquote

from chainlog.audit.family import AuditSource, Family
from chainlog.audit.finding import FindingRule, Spot
from chainlog.events.lookalikes import looks
from chainlog.events.things import is_ncage
from chainlog.overrides import override

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from chainlog.audit.settings import Settings
    from chainlog.custody.act import Act
    from chainlog.custody.state import ItemState
    from chainlog.events.phrase import Params

PLACE: Final = 60


class Identities(Family):
    """Items registered twice or seen in two places.

    Items that are weakly identified, or look like another.
    """

    rules: ClassVar[tuple[FindingRule, FindingRule]] = (
        FindingRule(
            "DUP-SERIAL",
            "high",
            rule="registered twice, or seen at two holders within one day with no handover between",
            group="item",
            words={
                "en": ("{things}: {how}: find out whether these are two things with one number"),
                "uk": "{things}: {how}: з'ясуйте, чи це не дві речі з одним номером",
            },
        ),
        FindingRule(
            "ID-WEAK",
            "low",
            rule=(
                "maker, part or serial missing; a maker that is no NCAGE; or, looking alike "
                "(O/0, I/1/l, letters of other scripts) or typed and one keystroke apart, like "
                "another item of its type"
            ),
            group="item",
            words={
                "en": (
                    "{things} looks like {other}: read the plate again, and correct whichever "
                    "is wrong"
                ),
                "uk": (
                    "{things} скидається на {other}: прочитайте табличку ще раз і виправте, що "
                    "помилкове"
                ),
            },
            variants={
                "slip": {
                    "en": (
                        "{things} is one keystroke from {other}: read the plate again, and "
                        "correct whichever is wrong"
                    ),
                    "uk": (
                        "{things} відрізняється від {other} одним натиском клавіші: прочитайте "
                        "табличку ще раз і виправте, що помилкове"
                    ),
                },
                "maker": {
                    "en": "{things}: no maker: read the plate again and correct the entry",
                    "uk": (
                        "{things}: немає виробника: прочитайте табличку ще раз і виправте запис"
                    ),
                },
                "part": {
                    "en": "{things}: no part: read the plate again and correct the entry",
                    "uk": (
                        "{things}: немає номера деталі: прочитайте табличку ще раз і виправте запис"
                    ),
                },
                "maker_part": {
                    "en": (
                        "{things}: no maker and no part: read the plate again and correct the entry"
                    ),
                    "uk": (
                        "{things}: немає ні виробника, ні номера деталі: прочитайте табличку ще "
                        "раз і виправте запис"
                    ),
                },
                "ncage": {
                    "en": (
                        "{things}: {maker} is no maker's code (five of 0-9 and A-Z, without I "
                        "and O): read the plate again and correct the entry"
                    ),
                    "uk": (
                        "{things}: {maker} не є кодом виробника (п'ять знаків 0-9 і A-Z, без I "
                        "та O): прочитайте табличку ще раз і виправте запис"
                    ),
                },
                "serial": {
                    "en": (
                        "{things}: the serial has spaces or signs that cannot be read: read the "
                        "plate again and correct the entry"
                    ),
                    "uk": (
                        "{things}: у серійному номері пробіли або знаки, яких не прочитати: "
                        "прочитайте табличку ще раз і виправте запис"
                    ),
                },
            },
        ),
    )

    def __init__(self, source: AuditSource, settings: Settings) -> None:
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
    def item(self, state: ItemState) -> Iterator[Spot]:
        """What one item's identity shows."""
        for broken in state.breaks:
            if broken.code == "DUP-SERIAL":
                entries = (*(broken.other.ids if broken.other else ()), *broken.act.ids)
                params: Params = {"how": broken.why}
                yield Spot.at(
                    broken.act, broken.code, params, state.key, group=(state.key,), entries=entries
                )
        named = state.registered or state.last
        if named is None:
            return
        maker, part, serial = _parts(state.key)
        weak = _weakness(state.key, maker, part, serial)
        if weak:
            params = {"maker": repr(maker)} if weak == "ID-WEAK.ncage" else {}
            yield Spot.at(named, weak, params, state.key, group=(state.key,))
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
                    yield self._double(key, later, some[0][0], "ID-WEAK")
        for kind, typed in self.typed.items():
            for serial, other in slips(typed, self.registered.get(kind, ())):
                for key, act in typed[serial]:
                    yield self._double(key, act, other, "ID-WEAK.slip")

    def _double(self, key: str, act: Act, other: str, sentence: str) -> Spot:
        return Spot.at(act, sentence, {"other": other}, key, group=(key,))


def _parts(key: str) -> tuple[str, str, str]:
    if key.startswith("uii:"):
        return "", "", unquote(key[4:])
    maker, part, serial = (unquote(one) for one in key.split("/"))
    return maker, part, serial


def _weakness(key: str, maker: str, part: str, serial: str) -> str:
    """The sentence for what is weak in an identity, by its key; empty where nothing is."""
    if not key.startswith("uii:"):
        missing = "_".join(name for name, value in (("maker", maker), ("part", part)) if not value)
        if missing:
            return f"ID-WEAK.{missing}"
        if not is_ncage(maker):
            return "ID-WEAK.ncage"
    return "" if serial.strip() == serial and serial.isprintable() else "ID-WEAK.serial"


def slips(typed: Collection[str], registered: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each typed serial of which a single slip at the keyboard makes a registered one.

    With it comes the first of these registered ones (`one_keystroke`). Those that merely
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
