"""Which witnesses, and how many of them, a checkpoint must be cosigned by (C2SP tlog-policy).

    log <vkey> [<url>]                      a log whose signature counts; with none named, the
                                            chain's own keys say
    witness <name> <vkey> [<url>]
    group <name> all|any|<k> <name>…        k of these witnesses and groups
    quorum <name>|none                      what must have cosigned

    witness hub  hub.example/w1+0a1b2c3d+BKey…  https://hub.example/witness
    witness ngo  ngo.example/w1+4e5f6071+BKey…
    group   both all hub ngo
    quorum  both

Without a policy, one witness that the authority admitted is enough, and with none it cannot be told
(FORMAT.md 8).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

from chainlog.errors import NoteError, PolicyError
from chainlog.format.cosignature import TYPES
from chainlog.format.note import ED25519_NOTE, VerifierKey, format_vkey, parse_vkey

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

POLICY_LIMIT: Final = 2**20
LINE_LIMIT: Final = 4096
LINES_LIMIT: Final = 10_000
# Of logs, and of witnesses and groups together; C2SP asks for 32 of each at least.
NAMES_LIMIT: Final = 256
# Groups within groups: what walks through them goes this deep.
DEPTH_LIMIT: Final = 32
NONE: Final = "none"
_CONTROL: Final = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]")
_COUNT: Final = re.compile(r"[1-9][0-9]{0,3}")


@dataclass(frozen=True, slots=True)
class Group:
    """At least `least` of the members, each of which is a witness or a group."""

    least: int
    members: tuple[VerifierKey | Group, ...]

    def __post_init__(self) -> None:
        if self.least < 1:
            raise PolicyError("a group that needs none of its members would always be met")


Rule: TypeAlias = "VerifierKey | Group | None"


@dataclass(frozen=True, slots=True)
class Policy:
    """Logs, witnesses, their URLs, and the quorum.

    With no logs, whoever may sign for the chain counts. Witnesses are by their names in the file. A
    quorum of None asks for nobody.
    """

    quorum: Rule
    witnesses: dict[str, VerifierKey] = field(default_factory=dict)
    urls: dict[str, str] = field(default_factory=dict)
    logs: tuple[VerifierKey, ...] = ()

    @property
    def keys(self) -> tuple[VerifierKey, ...]:
        """The verifier keys of all witnesses."""
        return tuple(self.witnesses.values())

    def is_met(self, cosigned: Collection[VerifierKey]) -> bool:
        """Whether these witnesses are enough."""
        return self.quorum is None or _is_met(self.quorum, cosigned)


def _is_met(rule: VerifierKey | Group, cosigned: Collection[VerifierKey]) -> bool:
    if isinstance(rule, Group):
        return sum(_is_met(member, cosigned) for member in rule.members) >= rule.least
    return rule in cosigned


def any_of(witnesses: Iterable[VerifierKey]) -> Policy:
    """One of these witnesses; with none to choose from it is never met."""
    keys = tuple(dict.fromkeys(witnesses))
    named: dict[str, VerifierKey] = {}
    for key in keys:
        short = f"{key.name}+{key.key_hash.hex()}"
        # Name and hash tell keys apart, unless one was made to be taken for another.
        named[format_vkey(key) if short in named else short] = key
    return Policy(Group(1, keys), named)


def parse_policy(data: bytes) -> Policy:
    """The policy in a file's bytes.

    Raises PolicyError, which says in which line, for anything that the specification does not
    allow.
    """
    if len(data) > POLICY_LIMIT:
        raise PolicyError(f"a policy of {len(data)} bytes: the limit is {POLICY_LIMIT}")
    if data.count(b"\n") > LINES_LIMIT:
        raise PolicyError(f"a policy of more than {LINES_LIMIT} lines")
    *lines, cut = data.split(b"\n")
    if cut:
        raise PolicyError(
            f"line {len(lines) + 1}: the last line is cut off",
            hint="end it with a newline, when it is whole",
        )
    reading = _Reading()
    for number, line in enumerate(lines, 1):
        try:
            reading.take(line)
        except (PolicyError, NoteError) as error:
            raise PolicyError(f"line {number}: {error.message}", hint=error.hint) from None
    if not reading.decided:
        raise PolicyError(
            "no quorum line",
            hint="say which witness or group is needed: quorum <name>; or, for none at all: "
            "quorum none",
        )
    return Policy(reading.quorum, reading.witnesses, reading.urls, tuple(reading.logs))


class _Reading:
    """What the lines so far came to."""

    def __init__(self) -> None:
        self.logs: list[VerifierKey] = []
        self.named: dict[str, VerifierKey | Group] = {}
        self.depths: dict[str, int] = {}
        self.witnesses: dict[str, VerifierKey] = {}
        self.urls: dict[str, str] = {}
        self.used: set[str] = set()
        self.quorum: Rule = None
        self.decided = False

    def take(self, line: bytes) -> None:
        if len(line) > LINE_LIMIT:
            raise PolicyError(f"a line of {len(line)} bytes: the limit is {LINE_LIMIT}")
        if _CONTROL.search(line):
            raise PolicyError(
                "a control character",
                hint="end lines with a newline alone, and part words with spaces or tabs",
            )
        # Names are octets to the specification: what is no UTF-8 stays what it is.
        words = re.split(r"[ \t]+", line.decode("utf-8", "surrogateescape").strip(" \t"))
        if words == [""] or words[0].startswith("#"):
            return
        match words:
            case ["log", vkey, *url] if len(url) <= 1:
                self._log(parse_vkey(vkey))
            case ["witness", name, vkey, *url] if len(url) <= 1:
                self._witness(name, parse_vkey(vkey), url)
            case ["group", name, least, *members] if members:
                self._define(
                    name,
                    self._group(least, members),
                    1 + max(self.depths[member] for member in members),
                )
            case ["quorum", name]:
                self._quorum(name)
            case _:
                raise PolicyError(
                    f"{' '.join(words)[:80]!r} is no line of a policy",
                    hint="lines are log, witness, group and quorum",
                )

    def _log(self, key: VerifierKey) -> None:
        if key.type != ED25519_NOTE:
            raise PolicyError(f"the log's key is of type {key.type}: a log signs with type 1")
        if any(key.public == one.public for one in self.logs):
            raise PolicyError("one key for two logs")
        if len(self.logs) == NAMES_LIMIT:
            raise PolicyError(f"more than {NAMES_LIMIT} logs")
        self.logs.append(key)

    def _witness(self, name: str, key: VerifierKey, url: list[str]) -> None:
        if key.type not in TYPES:
            raise PolicyError(
                f"the witness's key is of type {key.type}: a witness cosigns with type 4 or 6"
            )
        for known in self.witnesses.values():
            if known.public == key.public:
                raise PolicyError("one key for two witnesses: it would count twice")
            if (known.name, known.key_hash) == (key.name, key.key_hash):
                raise PolicyError(
                    "two witnesses with one name and one key hash",
                    hint="one of the two keys was made to be taken for the other",
                )
        self._define(name, key)
        self.witnesses[name] = key
        if url:
            self.urls[name] = url[0]

    def _define(self, name: str, rule: VerifierKey | Group, depth: int = 0) -> None:
        if name == NONE or name in self.named:
            raise PolicyError(f"the name {name[:80]!r} is taken")
        if len(self.named) == NAMES_LIMIT:
            raise PolicyError(f"more than {NAMES_LIMIT} witnesses and groups")
        if depth > DEPTH_LIMIT:
            raise PolicyError(f"more than {DEPTH_LIMIT} groups within each other")
        self.named[name], self.depths[name] = rule, depth

    def _group(self, least: str, names: list[str]) -> Group:
        members = []
        for name in names:
            if name in self.used:
                raise PolicyError(
                    f"{name[:80]!r} is in a group already: each counts in one way only"
                )
            members.append(self._known(name))
            self.used.add(name)
        if least == "all":
            return Group(len(members), tuple(members))
        if least == "any":
            return Group(1, tuple(members))
        if _COUNT.fullmatch(least) is None or int(least) > len(members):
            raise PolicyError(
                f"{least[:40]!r} of {len(members)} members",
                hint="say all, any, or a number from 1 to that of the members",
            )
        return Group(int(least), tuple(members))

    def _known(self, name: str) -> VerifierKey | Group:
        if name not in self.named:
            raise PolicyError(f"{name[:80]!r} was not defined in a line above")
        return self.named[name]

    def _quorum(self, name: str) -> None:
        if self.decided:
            raise PolicyError("a second quorum line")
        self.quorum, self.decided = None if name == NONE else self._known(name), True
