"""The families of findings, and what follows from what they declare.

The order of the families, and in each of its rules, is that of docs/audit.md, and of findings of
one severity.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chainlog.audit import phrases
from chainlog.audit.attachments import Attachments
from chainlog.audit.chains import Chains
from chainlog.audit.clocks import Clocks
from chainlog.audit.conditions import Conditions, Containers, Values
from chainlog.audit.counting import Counters, Declarations, Omissions, Sightings, Strays
from chainlog.audit.ends import Ends, Losses
from chainlog.audit.handovers import Custodians, Signatures, Splits, ThirdParties
from chainlog.audit.identities import Identities
from chainlog.audit.keys import Corrections, Keys
from chainlog.audit.lots import Lots
from chainlog.audit.money import Funds
from chainlog.audit.shipments import Shipments
from chainlog.custody import breaks
from chainlog.events.phrase import Template

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chainlog.audit.family import Family
    from chainlog.audit.finding import FindingRule, Severity

FAMILIES: Final[tuple[type[Family], ...]] = (
    Sightings,
    Omissions,
    Strays,
    Counters,
    Declarations,
    Shipments,
    Custodians,
    Signatures,
    ThirdParties,
    Splits,
    Identities,
    Lots,
    Ends,
    Losses,
    Conditions,
    Containers,
    Clocks,
    Keys,
    Chains,
    Attachments,
    Values,
    Funds,
    Corrections,
)
RULES: Final[tuple[FindingRule, ...]] = tuple(rule for family in FAMILIES for rule in family.rules)
# Every code that the audit knows, with its severity.
CODES: Final[dict[str, Severity]] = {rule.code: rule.severity for rule in RULES}
# Every sentence by key.
SENTENCES: Final[dict[str, Template]] = {
    key: template for rule in RULES for key, template in rule.sentences().items()
}


def declared_words() -> dict[str, Template]:
    """All that the audit and the folds below it say for people, by key."""
    parts = (*vars(breaks).values(), *vars(phrases).values())
    return SENTENCES | {one.key: one for part in parts for one in _templates_in(part)}


def _templates_in(part: object) -> Iterator[Template]:
    if isinstance(part, Template):
        yield part
    elif isinstance(part, dict):
        yield from (one for value in part.values() for one in _templates_in(value))
    elif isinstance(part, tuple):
        yield from (one for value in part for one in _templates_in(value))
