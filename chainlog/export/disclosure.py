"""What evidence shows of each entry, and what it withholds (FORMAT.md 4, 7).

What was asked for is shown but for the fields to be withheld; of what it stands on, that which says
who may sign. Who holds a key is shown of the keys that signed what was asked for, and of others
only on request.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from chainlog.custody.act import things_in, things_replaced
from chainlog.errors import BodyError, ChainlogError, DamagedError
from chainlog.events.event import is_governing
from chainlog.events.mentions import files_in
from chainlog.export.rules import WITHHOLDABLE, Rule
from chainlog.format import canonical
from chainlog.format.body import open_body, withhold

if TYPE_CHECKING:
    from collections.abc import Collection

    from chainlog.format.body import Body
    from chainlog.format.entry import Entry
    from chainlog.format.policy import Policy
    from chainlog.format.record import Record

_VERIFY: Final = "run 'chainlog verify'"
_HOLDERS: Final = frozenset({"holder", "holders"})


@dataclass(frozen=True, slots=True)
class Making:
    """How evidence is made.

    `fields`: those withheld, a whole array by its name or one element as `lines/2`; `policy`: the
    witnesses.

    `alone`: of the entries' lines, show those only that name one of these things (none: all).
    `attach`: with the files that shown fields name. `holders`: names of all who hold keys.
    `unwitnessed`: also where something is missing, so that whoever checks is told that it cannot be
    told.
    """

    fields: tuple[str, ...] = ()
    policy: Policy | None = None
    attach: bool = False
    holders: bool = False
    unwitnessed: bool = False
    alone: frozenset[str] = frozenset()


class Disclosure:
    """How much is shown of each entry of one file.

    `met`: the fields to be withheld that were found; `files`: digests of the files that shown
    fields name.
    """

    authors: frozenset[tuple[bytes, bytes]]
    rule: Rule | None

    def __init__(self, making: Making, authors: Collection[tuple[bytes, bytes]]) -> None:
        self.making = making
        self.authors = frozenset(authors)
        self.rule = Rule(fields=making.fields) if making.fields else None
        self.met: set[str] = set()
        self.files: dict[bytes, None] = {}

    def shown(self, entry: Entry, record: Record, *, asked: bool) -> bytes:
        """The body as it goes into the file.

        Where anything is withheld, never with the master salt.
        """
        if not record.body:
            return b""
        try:
            body = open_body(record.body, entry.header.body)
        except BodyError as error:
            raise DamagedError(
                "entry {index} of chain {chain}: {why}",
                index=entry.header.index,
                chain=entry.chain.hex()[:16],
                why=error.message,
                hint=_VERIFY,
            ) from None
        hidden = self._hidden(entry, body, asked=asked)
        shown = withhold(record.body, entry.header.body, hidden) if hidden else record.body
        if asked and self.making.attach:
            self.files.update(dict.fromkeys(files_in(open_body(shown, entry.header.body))))
        return shown

    def _hidden(self, entry: Entry, body: Body, *, asked: bool) -> set[str]:
        """The paths that are withheld of an entry."""
        if asked:
            hidden = (
                set() if self.rule is None else self.rule.means(entry.header.kind, body, self.met)
            )
            return hidden | (_of_others(body, self.making.alone) if self.making.alone else set())
        if not is_governing(entry.header.kind):
            return set(body.paths)
        hidden = {path for path in body.paths if path.partition("/")[0] in WITHHOLDABLE - {"site"}}
        if self.making.holders:
            return {path for path in hidden if path.partition("/")[0] not in _HOLDERS}
        return hidden - self._holders_named(entry, body)

    def _holders_named(self, entry: Entry, body: Body) -> set[str]:
        """Where it is said who holds the keys that signed what was asked for."""
        fields = body.fields()
        keys = fields.get("keys")
        listed = (
            [one.get("key") if isinstance(one, dict) else None for one in keys]
            if isinstance(keys, list)
            else []
        )
        named = {f"holders/{number}": key for number, key in enumerate(listed)} | {
            "holder": fields.get("key")
        }
        return {path for path, key in named.items() if (entry.chain, key) in self.authors}


def _of_others(body: Body, things: frozenset[str]) -> set[str]:
    """The elements of a body that name other things than these, and a `replacement` that does.

    What cannot be read may name anything.
    """
    hidden = set()
    for path, value in zip(body.paths, body.values, strict=True):
        name = path.partition("/")[0]
        if value is not None and name in {"lines", "items", "replacement"}:
            told: Any = canonical.decode(value)
            try:
                if name == "replacement":
                    named = {key for key, _, _ in things_replaced({"replacement": told})}
                else:
                    named = {
                        key
                        for key, _, _ in things_in(
                            {"lines": [told if name == "lines" else {"item": told}]}
                        )
                    }
            except (AttributeError, KeyError, TypeError, ChainlogError):
                named = set()
            hidden |= set() if named and named <= things else {path}
    return hidden
