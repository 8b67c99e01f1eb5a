"""The contract of a family of findings: what in some families breaks which rule, and where.

What no static look shows, that a spot's parameters are those of its sentence, the audit itself
refuses with a sentence (`chainlog/events/phrase.py`); a test sees to that as well.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from pathlib import Path

from chainlog.audit.finding import SEVERITIES
from chainlog.events.phrase import LANGUAGES, names_in

TOP = Path(__file__).resolve().parents[2]
# Not in the demo, whose ledgers are sound: ledgers are crafted for these in tests/audit.
CRAFTED = {
    *("CHAIN-GAP", "CHAIN-FORK", "CHAIN-ROLLBACK", "CHAIN-FOREIGN"),
    *("BODY-WITHHELD", "TIME-FUTURE"),
}


def planted():
    """The codes that have a row in seeds/findings.toml."""
    text = (TOP / "seeds/findings.toml").read_text(encoding="utf-8")
    return {row["code"] for row in tomllib.loads(text)["finding"]}


def faults(families, planted_codes):
    """A sentence for each rule that is broken: where, and which."""
    counts = Counter(rule.code for family in families for rule in family.rules)
    for family in families:
        where = f"{family.__module__}.{family.__qualname__}"
        if not family.rules:
            yield f"{where}: a family declares at least one finding in `rules`"
        for rule in family.rules:
            for fault in _of_rule(rule, counts, planted_codes):
                yield f"{where}: {rule.code}: {fault}"


def _of_rule(rule, counts, planted_codes):
    if re.fullmatch(r"[A-Z]+(-[A-Z]+)?", rule.code) is None:
        yield "a code is capital letters, with one hyphen at most"
    if counts[rule.code] > 1:
        yield "a code is declared once"
    if rule.severity not in SEVERITIES:
        yield f"{rule.severity!r} is no severity; one of {', '.join(SEVERITIES)}"
    if not rule.rule or not rule.group:
        yield "`rule` says when it holds, `group` what its occurrences have in common"
    if rule.code not in planted_codes | CRAFTED:
        yield "a finding has a row in seeds/findings.toml, which plants it in the demo"
    for key, sentence in rule.sentences().items():
        for fault in _of_sentence(sentence):
            yield f"{key}: {fault}"


def _of_sentence(sentence):
    missing = [language for language in LANGUAGES if not sentence.texts.get(language)]
    if missing:
        yield f"its words lack the language {', '.join(missing)}"
        return
    for language in LANGUAGES:
        text = sentence.texts[language]
        if names_in(text) != names_in(sentence.texts["en"]):
            yield f"its words in {language} have other parameters than those in English"
        if re.sub(r"\{[a-z_]+\}", "", text).strip("{}") != re.sub(r"\{[a-z_]+\}", "", text):
            yield f"its words in {language} have a brace that belongs to no parameter"
        if text.endswith(".") or "\n" in text:
            yield f"its words in {language} are one sentence without a full stop"
