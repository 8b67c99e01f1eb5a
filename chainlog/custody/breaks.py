"""What does not fit in the history of an item, a lot or a sum, and how, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from chainlog.events.phrase import Phrase, Template

if TYPE_CHECKING:
    from chainlog.custody.act import Act


@dataclass(frozen=True, slots=True)
class Break:
    """Something that does not fit.

    It has the code of the finding, the act where it shows, the one that it contradicts, and why.
    `hangs`: the acts of which something is not shown by which it could be none.
    """

    code: str
    act: Act
    other: Act | None
    why: Phrase
    hangs: tuple[bytes, ...] = ()

    @property
    def how(self) -> str:
        """Why it does not fit, in English."""
        return self.why.say()


# Where an item is.
STATUS: Final = {
    status: Template(f"status.{status}", {"en": status, "uk": uk})
    for status, uk in {
        "expended": "витрачено",
        "lost": "втрачено",
        "destroyed": "знищено",
        "unknown": "невідомо де",
    }.items()
}
WITH: Final = Template("where.with", {"en": "with {holder}", "uk": "в {holder}"})
IN_TRANSIT: Final = Template(
    "where.in_transit",
    {
        "en": "in transit from {holder} to {bound_for}",
        "uk": "в дорозі від {holder} до {bound_for}",
    },
)

# How the history of an item does not fit.
TWO_VALUES: Final = Template(
    "how.two_values",
    {
        "en": "{amount} {currency} and {new_amount} {new_currency} ({basis})",
        "uk": "{amount} {currency} і {new_amount} {new_currency} ({basis})",
    },
)
ISSUED: Final = Template(
    "how.issued",
    {
        "en": "handed on as {now}, last known as {before}",
        "uk": "передано як {now}, востаннє було {before}",
    },
)
CHANGED: Final = Template(
    "how.changed",
    {
        "en": "from {before} to {now} with no inspection of the change",
        "uk": "із {before} на {now} без огляду, який би це пояснив",
    },
)
TWICE: Final = Template("how.twice", {"en": "registered twice", "uk": "зареєстровано двічі"})
NOT_FOR_TAKER: Final = Template(
    "how.not_for_taker",
    {
        "en": "{taker} was not to have it: the ledger has it {where}",
        "uk": "для {taker} це не призначалося: за журналом це {where}",
    },
)
ELSEWHERE: Final = Template(
    "how.elsewhere", {"en": "the ledger has it {where}", "uk": "за журналом це {where}"}
)
NOWHERE: Final = Template(
    "how.nowhere",
    {
        "en": "the ledger does not place it anywhere",
        "uk": "у журналі немає, де це",
    },
)
NOT_HELD: Final = Template(
    "how.not_held",
    {
        "en": "{giver} did not have it: the ledger has it {where}",
        "uk": "в {giver} цього не було: за журналом це {where}",
    },
)
IN_ITSELF: Final = Template(
    "how.in_itself", {"en": "packed into itself", "uk": "запаковано в себе"}
)
IN_TWO: Final = Template(
    "how.in_two",
    {
        "en": "packed into {container} while in {other}",
        "uk": "запаковано в {container}, хоча лежить у {other}",
    },
)
OUT_OF_ANOTHER: Final = Template(
    "how.out_of_another",
    {
        "en": "unpacked from {container} while in {other}",
        "uk": "розпаковано з {container}, хоча лежить у {other}",
    },
)
OUT_OF_SEALED: Final = Template(
    "how.out_of_sealed",
    {
        "en": "moved out of {container}, which was sealed with {seal}",
        "uk": "переміщено з {container}, опломбованого пломбою {seal}",
    },
)
FOUND_AFTER: Final = Template(
    "how.found_after",
    {"en": "found after it was {status}", "uk": "знайдено після того, як це {status}"},
)
AFTER: Final = Template(
    "how.after", {"en": "{kind} after it was {status}", "uk": "{kind} після того, як це {status}"}
)
TWO_PLACES: Final = Template(
    "how.two_places",
    {
        "en": "seen at {place} and at {other} within a day",
        "uk": "за одну добу бачили і в {place}, і в {other}",
    },
)

# How that of a lot does not.
QUANTITY: Final = Template(
    "how.quantity", {"en": "a quantity of {quantity} {unit}", "uk": "кількість {quantity} {unit}"}
)
LEFT: Final = Template(
    "how.left",
    {
        "en": "{holder} is left with {quantity} {unit}",
        "uk": "в {holder} лишається {quantity} {unit}",
    },
)
COUNTED: Final = Template(
    "how.counted",
    {
        "en": "{counted} {unit} counted at {holder}, {book} by the ledger",
        "uk": "в {holder} налічено {counted} {unit}, за журналом {book}",
    },
)

# Why a sum of money hangs on nothing.
NO_AMOUNT: Final = Template(
    "orphan.no_amount", {"en": "is no amount above zero", "uk": "сума не більша за нуль"}
)
ON_NOTHING: Final = Template(
    "orphan.nothing", {"en": "draws on nothing", "uk": "не спирається на жоден запис"}
)
ON_ABSENT: Final = Template(
    "orphan.absent",
    {
        "en": "draws on an entry that is not held, or is no money",
        "uk": "спирається на запис, якого тут немає або який не про гроші",
    },
)
ON_OTHER_MONEY: Final = Template(
    "orphan.currency",
    {"en": "draws on money in {currency}", "uk": "спирається на гроші в іншій валюті, {currency}"},
)
ON_ITSELF: Final = Template(
    "orphan.itself",
    {"en": "draws on what draws on it", "uk": "спирається на те, що спирається на нього"},
)
