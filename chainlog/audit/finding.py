"""A finding: what does not add up, where, and what it rests on (docs/audit.md 'Findings').

It comes with a sentence that a person can act on, as a key with parameters.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from chainlog.events.phrase import Params, Phrase, Template, plain_params

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chainlog.audit.family import ChainFacts
    from chainlog.custody.act import Act

Severity: TypeAlias = Literal["critical", "high", "medium", "low"]
SEVERITIES: Final[tuple[Severity, ...]] = ("critical", "high", "medium", "low")


@dataclass(frozen=True, slots=True)
class FindingRule:
    """What a family declares of a finding that it makes.

    `rule`: when it holds; `group`: what occurrences that are one finding have in common; both for
    docs/audit.md. `words`: its sentence by language, without a full stop: what is wrong, and what
    to do. `{things}` in it becomes the things of the whole finding, each other `{name}` a
    parameter. `variants`: further sentences, by a name; their key is `CODE.name`. `severities`: of
    the variants that weigh otherwise.
    """

    code: str
    severity: Severity
    rule: str
    group: str
    words: Mapping[str, str]
    variants: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    severities: Mapping[str, Severity] = field(default_factory=dict)

    def sentences(self) -> dict[str, Template]:
        """Its sentences by key."""
        named = {f"{self.code}.{name}": texts for name, texts in self.variants.items()}
        return {
            key: Template(key, texts) for key, texts in ({self.code: self.words} | named).items()
        }


@dataclass(frozen=True, slots=True)
class Spot:
    """One occurrence, as a family finds it. Those of one code and `group` become one finding.

    `key`, `params`: the sentence, without `things`. `entries`: what it rests on, an acknowledgement
    names them all; without any, `act` is it. `chain` and `index`: where it shows, where there is no
    act.
    """

    key: str
    group: tuple[object, ...]
    params: Params
    act: Act | None = None
    things: tuple[str, ...] = ()
    entries: tuple[bytes, ...] = ()
    party: str = ""
    place: str = ""
    chain: bytes = b""
    index: int | None = None
    # Money that is no thing's worth: amount and currency.
    amount: tuple[Any, str] | None = None

    @property
    def code(self) -> str:
        """The finding that it is an occurrence of."""
        return self.key.partition(".")[0]

    @classmethod
    def at(
        cls,
        act: Act,
        key: str,
        params: Params,
        *things: str,
        group: tuple[object, ...] | None = None,
        entries: tuple[bytes, ...] = (),
        party: str | None = None,
        place: str | None = None,
        amount: tuple[Any, str] | None = None,
    ) -> Spot:
        """One that shows in an act: by itself, at its party and place, unless said otherwise."""
        return cls(
            key,
            (act.id,) if group is None else group,
            params,
            act,
            things,
            entries,
            act.party if party is None else party,
            act.text("place") if place is None else place,
            amount=amount,
        )

    @classmethod
    def of(
        cls,
        chain: ChainFacts,
        key: str,
        params: Params,
        index: int,
        *entries: bytes,
        group: tuple[object, ...] | None = None,
        party: str | None = None,
    ) -> Spot:
        """One that shows at an index of a chain, and rests on entries."""
        return cls(
            key,
            entries if group is None else group,
            params,
            entries=entries,
            party=chain.site if party is None else party,
            chain=chain.id,
            index=index,
        )


@dataclass(frozen=True, slots=True)
class Untold:
    """An occurrence that is no finding, since what is not shown could explain it.

    It accuses nobody. `hidden`: in which chains that is not shown, and whose keys signed it there.
    """

    code: str
    items: tuple[str, ...]
    entries: tuple[bytes, ...]
    hidden: tuple[tuple[bytes, str], ...]

    def plain(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "code": self.code,
            "items": [*self.items],
            "entries": [entry.hex() for entry in self.entries],
            "hidden": [{"chain": chain.hex(), "party": party} for chain, party in self.hidden],
        }


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

    `phrase`: the sentence; `value`: by currency, as decimals; `index` and `chain`: where it shows.
    """

    code: str
    severity: Severity
    phrase: Phrase
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
    def key(self) -> str:
        """The key of its sentence."""
        return self.phrase.template.key

    @property
    def params(self) -> Params:
        """The parameters of its sentence."""
        return self.phrase.params

    @property
    def sentence(self) -> str:
        """Its sentence in English."""
        return self.phrase.say()

    @property
    def cleared(self) -> bool:
        """Whether the authority has answered it."""
        return any(answer.authority for answer in self.answers)

    def plain(self) -> dict[str, Any]:
        """As JSON; ids as hex, `as_of` in ms since the epoch."""
        return {
            "code": self.code,
            "severity": self.severity,
            "key": self.key,
            "params": plain_params(self.params),
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
