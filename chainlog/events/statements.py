"""The kinds of custody that speak of rights, money and other entries.

docs/field.md has them in 'Kinds of event'. They are written as those in `movements.py` are.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from msgspec import UNSET, UnsetType

from chainlog.events.facts import Does, Words
from chainlog.events.terms import (
    FROM,
    Code,
    Currency,
    Custody,
    DateOrInstant,
    Decimal,
    Id,
    Ids,
    Lines,
    Party,
    Text,
)


class Consent(Custody, frozen=True, kw_only=True, rename=FROM):
    """leave to pass items to a third party"""

    kind: ClassVar[str] = "consent"
    does: ClassVar[Does] = Does("consents", giver="from", taker="to")
    words: ClassVar[Words] = Words(
        place=17,
        verb="give leave to pass items to a third party",
        en=("consent", "leave to pass items to a third party"),
        uk=("згода", "дозвіл передати третій стороні"),
    )
    from_: Party
    to: Party
    lines: Lines
    until: DateOrInstant


class Fund(Custody, frozen=True, kw_only=True, rename=FROM):
    """money"""

    kind: ClassVar[str] = "fund"
    does: ClassVar[Does] = Does("pays", giver="from", taker="to", cites={"draws_on": ("fund",)})
    words: ClassVar[Words] = Words(
        place=18,
        verb="record money: commitment, disbursement, expenditure, return",
        en=("fund", "money"),
        uk=("кошти", "гроші"),
    )
    step: Literal["commitment", "disbursement", "expenditure", "return"]
    amount: Decimal
    currency: Currency
    from_: Party
    to: Party
    draws_on: Id | UnsetType = UNSET


class Correct(Custody, frozen=True, kw_only=True):
    """an earlier entry was wrong; the replacement is the whole event, with `kind` if it changes"""

    kind: ClassVar[str] = "correct"
    does: ClassVar[Does] = Does("corrects", cites={"entry": ()}, inspector=True)
    words: ClassVar[Words] = Words(
        place=15,
        verb="take back or replace what an earlier entry says",
        en=("correct", "an earlier entry was wrong"),
        uk=("виправлення", "попередній запис хибний"),
    )
    entry: Id
    reason: Literal["did_not_happen", "wrong_data"]
    replacement: dict[str, Any] | UnsetType = UNSET


class Attest(Custody, frozen=True, kw_only=True):
    """a second person vouches for an entry"""

    kind: ClassVar[str] = "attest"
    does: ClassVar[Does] = Does("vouches", cites={"entry": ()}, inspector=True)
    words: ClassVar[Words] = Words(
        place=16,
        verb="vouch for an entry as a second person",
        en=("attest", "you vouch for an entry as a second person"),
        uk=("засвідчення", "ви ручаєтеся за запис як друга особа"),
    )
    entry: Id


class Acknowledge(Custody, frozen=True, kw_only=True):
    """a finding was seen and answered"""

    kind: ClassVar[str] = "acknowledge"
    does: ClassVar[Does] = Does("answers", cites={"entries": ()}, inspector=True)
    words: ClassVar[Words] = Words(
        place=19,
        verb="answer a finding of the audit",
        en=("acknowledge", "a finding was seen and answered"),
        uk=("відповідь", "зауваження розглянуто, відповідь дано"),
    )
    finding: Code
    entries: Ids
    reason: Text
