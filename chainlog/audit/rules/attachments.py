"""EVID-*: files that are named and not held, and one picture for different things."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from chainlog.audit.family import Family
from chainlog.audit.finding import FindingRule, Spot
from chainlog.custody.act import is_counted
from chainlog.events.kinds import CUSTODY
from chainlog.events.mentions import files_named
from chainlog.events.phrase import name_kind
from chainlog.overrides import override

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chainlog.custody.act import Act
    from chainlog.events.phrase import Params

PLACE: Final = 130


class AttachedFiles(Family):
    """What entries attach."""

    rules: ClassVar[tuple[FindingRule, FindingRule]] = (
        FindingRule(
            "EVID-MISSING",
            "medium",
            rule="an attachment is not held, or does not match",
            group="entry",
            words={
                "en": (
                    "{count} of the files that {name} attached to {kind} is not held, {file} "
                    "first: ask for it"
                ),
                "uk": (
                    "з файлів, які додає {name} (подія: {kind}), тут немає {count}, перший "
                    "{file}: попросіть його"
                ),
            },
            variants={
                "other_content": {
                    "en": (
                        "{count} of the files that {name} attached to {kind} is held with other "
                        "content, {file} first: ask for it"
                    ),
                    "uk": (
                        "з файлів, які додає {name} (подія: {kind}), {count} мають інший вміст, "
                        "перший {file}: попросіть його"
                    ),
                },
            },
        ),
        FindingRule(
            "EVID-REUSED",
            "high",
            rule="one attachment stands for different items",
            group="attachment",
            words={
                "en": (
                    "one file, {file}, is attached for different things, {things}: ask for a "
                    "picture of each"
                ),
                "uk": (
                    "той самий файл, {file}, додано до різних речей, {things}: попросіть знімок "
                    "кожної"
                ),
            },
        ),
    )
    kinds: ClassVar[frozenset[str]] = frozenset(shape.kind for shape in CUSTODY)

    @override
    def act(self, act: Act) -> Iterator[Spot]:
        """Whether its files are held."""
        if act.standing == "taken back":
            return
        states = {digest: self.source.attachment(digest) for digest in self._named(act)}
        wanting = [digest for digest, state in states.items() if state != "held"]
        if wanting:
            params: Params = {
                "count": len(wanting),
                "name": act.signer.name,
                "kind": name_kind(act.kind),
                "file": wanting[0].hex()[:12],
            }
            other = "mismatch" in states.values()
            yield Spot.at(act, "EVID-MISSING.other_content" if other else "EVID-MISSING", params)

    def _named(self, act: Act) -> dict[bytes, int | None]:
        """The files that an act names.

        Those of a replacement that counts are named by the act in whose place it stands.
        """
        fields = act.fields
        if "replacement" in fields and is_counted(act, self.source.book.cited(act, "entry")):
            fields = {name: value for name, value in fields.items() if name != "replacement"}
        return files_named(fields)

    @override
    def rest(self) -> Iterator[Spot]:
        """One file for different things."""
        for digest, acts in self.source.reused:
            standing = [
                act for act in acts if act.standing != "taken back" and digest in self._named(act)
            ]
            told = [
                (act, frozenset(key for key, _ in self.source.book.things(act))) for act in standing
            ]
            told = [(act, things) for act, things in told if things]
            if _apart({things for _, things in told}):
                first = min((act for act, _ in told), key=lambda act: act.key)
                things = tuple(sorted({key for _, some in told for key in some}))
                entries = tuple(entry for act, _ in told for entry in act.ids)
                params: Params = {"file": digest.hex()[:12]}
                yield Spot.at(
                    first, "EVID-REUSED", params, *things, group=(digest,), entries=entries
                )


def _apart(some: set[frozenset[str]]) -> bool:
    """Whether two of these have nothing in common.

    Of those that all have one thing in common, no two are compared.
    """
    if not some or frozenset.intersection(*some):
        return False
    listed = sorted(some, key=len)
    return any(one.isdisjoint(other) for at, one in enumerate(listed) for other in listed[at + 1 :])
