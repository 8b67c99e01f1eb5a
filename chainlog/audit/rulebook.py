"""All families of findings, and what follows from what they declare.

They are found by their files, the modules of `rules/`; no list is kept. The order of the modules by
their places, in each of its families, and in each of these of its rules, is that of docs/audit.md,
and of findings of one severity.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Final

from chainlog.audit import phrases, rules
from chainlog.audit.family import Family
from chainlog.custody import breaks
from chainlog.events.phrase import Template

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from chainlog.audit.finding import FindingRule, Severity


def topics() -> list[ModuleType]:
    """The modules of the rules, in their order."""
    found = [import_module(f"{rules.__name__}.{one.name}") for one in iter_modules(rules.__path__)]
    return sorted(found, key=lambda module: int(module.PLACE))


# A class that stands in one of these modules is a family.
FAMILIES: Final[tuple[type[Family], ...]] = tuple(
    one
    for module in topics()
    for one in vars(module).values()
    if isinstance(one, type) and issubclass(one, Family) and one.__module__ == module.__name__
)
RULES: Final[tuple[FindingRule, ...]] = tuple(rule for family in FAMILIES for rule in family.rules)
# Every code that the audit knows, with its severity.
CODES: Final[dict[str, Severity]] = {rule.code: rule.severity for rule in RULES}
# The severity of each sentence, by key.
WEIGHTS: Final[dict[str, Severity]] = {
    key: rule.severities.get(key.rpartition(".")[2], rule.severity)
    for rule in RULES
    for key in rule.sentences()
}
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
