"""The families of findings, and what follows from what they declare.

A class in one of the modules is a family. The order of the modules, in each of its families, and in
each of these of its rules, is that of docs/audit.md, and of findings of one severity.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chainlog.audit import (
    attachments,
    chains,
    clocks,
    conditions,
    consents,
    corrections,
    ends,
    handovers,
    identities,
    keys,
    lots,
    money,
    phrases,
    shipments,
    splits,
    values,
)
from chainlog.audit import counts as counting
from chainlog.audit.family import Family
from chainlog.custody import breaks
from chainlog.events.phrase import Template

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chainlog.audit.finding import FindingRule, Severity

_MODULES: Final = (
    counting,
    shipments,
    handovers,
    consents,
    splits,
    identities,
    lots,
    ends,
    conditions,
    clocks,
    keys,
    chains,
    attachments,
    values,
    money,
    corrections,
)
# A class that stands in one of these modules is a family.
FAMILIES: Final[tuple[type[Family], ...]] = tuple(
    one
    for module in _MODULES
    for one in vars(module).values()
    if isinstance(one, type) and issubclass(one, Family) and one.__module__ == module.__name__
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
