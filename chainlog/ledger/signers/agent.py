r"""Keys that a running ssh-agent holds.

The two requests of its protocol that signing needs (draft-ietf-sshm-ssh-agent).

Each request goes over the Unix socket that `$SSH_AUTH_SOCK` names, on a connection of its own, and
gets one answer::

    message     uint32 length || byte type || contents        at most 256 KiB, as OpenSSH has it
    11 list     nothing
    12 held     uint32 count || count * (string key || string comment)
    13 sign     string key || string message || uint32 flags = 0
    14 signed   string (string "ssh-ed25519" || string signature of 64 bytes)
     5 refused  nothing

Keys, strings and numbers are SSH's own (ssh.py).

A key is named `agent:` and its name `clk1:…`, or a beginning of it that fits one key only, or the
comment that the agent shows with it, or nothing where the agent holds one key. A public key file
(`.pub`) names the key that is in it.

The code is our own because there is little of it: paramiko and asyncssh bring a whole SSH
implementation, and its advisories, for two messages. An agent is not believed: its answers are
bounded and read strictly, each within a time, and a signature is verified before anybody gets it.
Ours cannot be taken for a log-in elsewhere: what SSH has signed begins with the length of a
session's id.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from chainlog.errors import FormatError, KeyfileError, Sentence
from chainlog.format.keys import format_key_id, parse_key_id, signature_holds
from chainlog.ledger.signers.agent_link import OTHER_HINT, ask
from chainlog.ledger.signers.ssh import KIND, Wire, format_public, parse_public, put_string

PREFIX: Final = "agent:"
# An agent answers from memory; a card may wait for a touch or a PIN.
LIST_SECONDS: Final = 5.0
SIGN_SECONDS: Final = 120.0

_LIST, _HELD = 11, 12
_SIGN, _SIGNED = 13, 14
_HELD_HINT: Final = "'chainlog key show --agent' lists what it holds; ssh-add FILE adds a key"


# What an agent holds


@dataclass(frozen=True, slots=True)
class Identity:
    """An Ed25519 key that an agent holds, with the words that it keeps beside it."""

    key_id: bytes
    comment: str

    def __post_init__(self) -> None:
        parse_key_id(self.key_id)


def parse_held(contents: bytes) -> tuple[list[Identity], list[str]]:
    """Return the Ed25519 keys in the contents of message 12, and the kinds of the other keys.

    Each Ed25519 key comes once. Raises FormatError.
    """
    wire = Wire(contents)
    held: dict[bytes, Identity] = {}
    others: list[str] = []
    # No list is made in advance: a count is believed as far as bytes follow.
    for _ in range(wire.number()):
        blob, comment = wire.string(), wire.string().decode(errors="replace")
        kind = Wire(blob).string()
        if kind == KIND:
            key_id = parse_public(blob, "a key of the agent")
            held.setdefault(key_id, Identity(key_id, comment))
        else:
            others.append(kind[:40].decode("ascii", "backslashreplace"))
    wire.end()
    return list(held.values()), others


def list_identities() -> tuple[list[Identity], list[str]]:
    """Return the Ed25519 keys that the agent holds, and the kinds of its other keys.

    Within LIST_SECONDS. Raises KeyfileError.
    """
    contents = ask(bytes([_LIST]), _HELD, LIST_SECONDS)
    if contents is None:
        raise KeyfileError("the ssh-agent refuses to list its keys", hint=OTHER_HINT)
    try:
        return parse_held(contents)
    except FormatError as error:
        raise KeyfileError(
            "the ssh-agent does not answer with a list of keys: {why}",
            why=error.message,
            hint=OTHER_HINT,
        ) from None


# Who signs


@dataclass(frozen=True, slots=True)
class AgentSigner:
    """A Signer whose private key an agent holds.

    It is asked for each signature, so one that has gone is noticed then.
    """

    key_id: bytes
    comment: str = ""

    def __post_init__(self) -> None:
        parse_key_id(self.key_id)

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte signature, which holds; waits SIGN_SECONDS for a touch or a PIN.

        Raises KeyfileError.
        """
        request = (
            bytes([_SIGN]) + put_string(format_public(self.key_id)) + put_string(message) + bytes(4)
        )
        contents = ask(request, _SIGNED, SIGN_SECONDS)
        if contents is None:
            hint = (
                "is the key still in it, the agent unlocked, the request confirmed? a key "
                "that ssh-add -h binds to hosts signs nothing else"
            )
            raise KeyfileError(
                "the ssh-agent refuses to sign with {key}",
                key=format_key_id(self.key_id),
                hint=hint,
            )
        try:
            signature = parse_signature(contents)
        except FormatError as error:
            raise KeyfileError(
                "the ssh-agent does not answer with a signature: {why}",
                why=error.message,
                hint=OTHER_HINT,
            ) from None
        if not signature_holds(self.key_id, signature, message):
            raise KeyfileError(
                "the ssh-agent's signature does not hold under {key_id}; nothing was signed",
                key_id=format_key_id(self.key_id),
                hint="is this the right agent or card?",
            )
        return signature


def parse_signature(contents: bytes) -> bytes:
    """Return the 64 bytes in the contents of message 14. Raises FormatError."""
    outer = Wire(contents)
    wire = Wire(outer.string())
    outer.end()
    if wire.string() != KIND:
        raise FormatError("a signature of another kind")
    signature = wire.string()
    wire.end()
    if len(signature) != 64:
        raise FormatError("a signature of {count} bytes, not 64", count=len(signature))
    return signature


def wanted_of(path: Path) -> str | None:
    """Return what a key's path says after `agent:`, or None where it is the path of a file."""
    text = str(path)
    return text.removeprefix(PREFIX) if text.startswith(PREFIX) else None


def find_signer(wanted: str) -> AgentSigner:
    """Return the signer whose key is named.

    `clk1:…` or its beginning, a comment, or nothing for the only one. Raises KeyfileError.
    """
    held, others = list_identities()
    fitting = [one for one in held if _fits(one, wanted)]
    if len(fitting) == 1:
        return AgentSigner(fitting[0].key_id, fitting[0].comment)
    if fitting:
        names = ", ".join(format_key_id(one.key_id) for one in fitting[:5])
        raise KeyfileError(
            "{count} keys of the ssh-agent fit {PREFIX}{wanted}: {names}",
            count=len(fitting),
            PREFIX=PREFIX,
            wanted=wanted,
            names=names,
            key_id=format_key_id(fitting[0].key_id),
            hint="name one by more of its name: --key {PREFIX}{key_id}",
        )
    if held:
        raise KeyfileError(
            "none of the {count} Ed25519 keys of the ssh-agent fits {PREFIX}{wanted}",
            count=len(held),
            PREFIX=PREFIX,
            wanted=wanted,
            hint=_HELD_HINT,
        )
    what = (
        Sentence(
            ", only keys that chainlog cannot sign with: {others}",
            others=", ".join(sorted(set(others)))[:200],
        )
        if others
        else ""
    )
    raise KeyfileError(
        "the ssh-agent holds no Ed25519 key{what}",
        what=what,
        hint="add one: ssh-add FILE; if the agent is locked: ssh-add -X",
    )


def find_held(key_id: bytes, where: str) -> AgentSigner:
    """Return the signer of a key whose public half is in a file.

    Raises KeyfileError where the agent does not hold it.
    """
    for one in list_identities()[0]:
        if one.key_id == key_id:
            return AgentSigner(key_id, one.comment)
    hint = (
        "ssh-add FILE, with the name of the private key's file, gives it to the agent; or "
        "name that file"
    )
    raise KeyfileError("the ssh-agent does not hold the key of {where}", where=where, hint=hint)


def _fits(identity: Identity, wanted: str) -> bool:
    if wanted.startswith("clk1:"):
        return format_key_id(identity.key_id).startswith(wanted)
    # What was said has been through a path, which writes `a//b` as `a/b`.
    through_path = str(Path(PREFIX + identity.comment)).removeprefix(PREFIX)
    return wanted in {"", identity.comment, through_path}
