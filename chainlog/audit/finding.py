"""A finding: what does not add up, where, and what it rests on (docs/audit.md 'Findings').

It comes with a sentence that a person can act on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from chainlog.custody.act import Act

Severity: TypeAlias = Literal["critical", "high", "medium", "low"]
SEVERITIES: Final[tuple[Severity, ...]] = ("critical", "high", "medium", "low")
# Every code that the audit knows, with its severity, in the order of docs/audit.md.
CODES: Final[dict[str, Severity]] = {
    "INV-INIT": "high",
    "INV-ANNUAL": "high",
    "INV-UNSEEN": "high",
    "INV-EXTRA": "medium",
    "INV-SELF": "medium",
    "INV-DECLARED": "medium",
    "SHIP-OPEN": "medium",
    "SHIP-QTY": "high",
    "SHIP-SERIAL": "high",
    "SHIP-NOADVICE": "medium",
    "CUST-NONHOLDER": "high",
    "CUST-UNSIGNED": "medium",
    "CUST-SELF": "high",
    "CUST-THIRD": "critical",
    "CUST-SPLIT": "critical",
    "DUP-SERIAL": "high",
    "ID-WEAK": "low",
    "LOT-NEGATIVE": "high",
    "LOT-BALANCE": "high",
    "TERM-AFTER": "high",
    "RESURRECT": "high",
    "LOSS-LATE": "medium",
    "LOSS-NODATE": "medium",
    "LOSS-OPEN": "medium",
    "COND-ILL": "medium",
    "PACK-BROKEN": "medium",
    "TIME-BACK": "low",
    "TIME-FUTURE": "medium",
    "TIME-LATE": "low",
    "KEY-REVOKED": "critical",
    "KEY-ROLE": "medium",
    "CHAIN-GAP": "high",
    "CHAIN-FORK": "critical",
    "CHAIN-SILENT": "medium",
    "CHAIN-ROLLBACK": "critical",
    "SCHEMA-UNKNOWN": "low",
    "EVID-MISSING": "medium",
    "EVID-REUSED": "high",
    "VALUE-NONE": "low",
    "FUND-OVER": "high",
    "FUND-IDLE": "medium",
    "FUND-ORPHAN": "medium",
    "CORRECT-FOREIGN": "high",
}


@dataclass(frozen=True, slots=True)
class Spot:
    """One occurrence, as a family finds it. Those of one code and `group` become one finding.

    `says`: the sentence; `{things}` in it becomes the things of the whole finding. `entries`: what
    it rests on, an acknowledgement names them all; without any, `act` is it. `chain` and `index`:
    where it shows, where there is no act.
    """

    code: str
    group: tuple[object, ...]
    says: str
    act: Act | None = None
    things: tuple[str, ...] = ()
    entries: tuple[bytes, ...] = ()
    party: str = ""
    place: str = ""
    chain: bytes = b""
    index: int | None = None
    # Money that is no thing's worth: amount and currency.
    amount: tuple[Any, str] | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """An entry that acknowledges a finding.

    Whose, why, and whether it stands in the authority's chain.
    """

    entry: bytes
    name: str
    party: str
    reason: str
    authority: bool


@dataclass(frozen=True, slots=True)
class Finding:
    """What does not add up, as of an instant (ms).

    `value`: by currency, as decimals; `index` and `chain`: where it shows.
    """

    code: str
    severity: Severity
    sentence: str
    party: str
    place: str
    chain: bytes
    index: int | None
    entries: tuple[bytes, ...]
    items: tuple[str, ...]
    count: int
    value: dict[str, str]
    as_of: int
    answers: tuple[Answer, ...] = ()

    @property
    def cleared(self) -> bool:
        """Whether the authority has answered it."""
        return any(answer.authority for answer in self.answers)

    def plain(self) -> dict[str, Any]:
        """As JSON; ids as hex, `as_of` in ms since the epoch."""
        return {
            "code": self.code,
            "severity": self.severity,
            "sentence": self.sentence,
            "party": self.party,
            "place": self.place,
            "chain": self.chain.hex(),
            "index": self.index,
            "entries": [entry.hex() for entry in self.entries],
            "items": list(self.items),
            "count": self.count,
            "value": self.value,
            "as_of": self.as_of,
            "answers": [
                {
                    "entry": one.entry.hex(),
                    "name": one.name,
                    "party": one.party,
                    "reason": one.reason,
                    "authority": one.authority,
                }
                for one in self.answers
            ],
        }
