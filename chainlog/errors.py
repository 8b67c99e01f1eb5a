"""Every error that chainlog raises on purpose, under one root.

Each class has a stable `code`, which only the command line gives an exit code. Bytes from outside
raise only these. The tree::

    ChainlogError error
    ├── FormatError format
    │   ├── CanonicalError canonical · KeyFormError key-form · RecordError record
    │   ├── EntryError entry ── VersionError version
    │   ├── BodyError body · ProofError proof · NoteError note
    │   └── PolicyError policy · EvidenceError evidence
    ├── EventError event · RosterError roster · UncertainError uncertain
    ├── IntakeError intake · SettingsError settings · WitnessError witness
    ├── OtherFileError other-file · KeyfileError keyfile ── PassphraseError passphrase
    └── StoreError store
        ├── NoLedgerError no-ledger · NoChainError no-chain · NoEntryError no-entry
        ├── NoBlobError no-blob · HeadMovedError head-moved · LockedError locked
        ├── ReadOnlyError read-only ── BehindMarkError behind-mark · OtherEntriesError other-entries
        ├── DamagedError damaged ── UnreadableError unreadable
        └── UnknownOutcomeError unknown-outcome
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self


class Sentence(str):
    """An English sentence that remembers its template and what fills it.

    The template is what the catalogue of another language knows it by (`export/words`). Without
    params it is taken as it stands; they may be sentences again::

        Sentence("{path} is not held: {why}", path=path, why=error.message)
    """

    __slots__ = ("params", "template")

    def __new__(cls, template: str, /, **params: object) -> Self:
        """The template, filled."""
        made = super().__new__(cls, template.format(**params) if params else template)
        made.template, made.params = template, params
        return made

    template: str
    params: dict[str, object]

    def parts(self) -> dict[str, object]:
        """For JSON: {key, params}; a sentence among the params is {key, params} too."""
        given = dict(self.params)
        for name, one in given.items():
            if not isinstance(one, str | int | None) or isinstance(one, Sentence):
                given[name] = one.parts() if isinstance(one, Sentence) else str(one)
        return {"key": self.template, "params": given}


class Keyed(Sentence):
    """What the pure core says: a key, whose text only the catalogue has, and what fills it.

    `n` counts: `Keyed("place.checkpoint", n=3, root="4a1f")`. As a string it is just that.
    """

    __slots__ = ()

    def __new__(cls, key: str, /, **params: object) -> Self:
        """The key with its params."""
        given = ", ".join(f"{name}={value}" for name, value in params.items())
        made = super().__new__(cls, f"{key} ({given})" if given else key)
        made.template, made.params = key, params
        return made


class ChainlogError(Exception):
    """The root.

    `message` says what and where, `hint` what to do; both lower case, without a stop. They are
    sentences, whose placeholders `params` fill::

        raise NoBlobError("{path} is not held", path=path, hint="sync from who has it")
    """

    message: Sentence
    hint: Sentence | None

    code: ClassVar[str] = "error"

    def __init__(self, template: str, /, *, hint: str | None = None, **params: object) -> None:
        self.message = sentence(template, params)
        self.hint = None if hint is None else sentence(hint, params)
        super().__init__(str(self.message))

    @classmethod
    @contextmanager
    def from_os(
        cls, template: str, /, *, hint: str | None = None, **params: object
    ) -> Iterator[None]:
        """A block in which an error of the operating system becomes one of these.

        `{why}` is what it says::

            with StoreError.from_os("{path} cannot be read: {why}", path=path):
                data = path.read_bytes()
        """
        try:
            yield
        except OSError as error:
            raise cls(template, hint=hint, **params, why=error.strerror) from None


def sentence(template: str, params: dict[str, object]) -> Sentence:
    """A sentence of a template; what is one already stays so."""
    return template if isinstance(template, Sentence) else Sentence(template, **params)


class FormatError(ChainlogError):
    """Bytes that are not what FORMAT.md says."""

    code = "format"


class CanonicalError(FormatError):
    """Not a canonical value (FORMAT.md 1)."""

    code = "canonical"


class KeyFormError(FormatError):
    """A key that is refused wherever it appears (FORMAT.md 2)."""

    code = "key-form"


class EntryError(FormatError):
    """Not an entry (FORMAT.md 3)."""

    code = "entry"


class VersionError(EntryError):
    """An entry of a version that this reader does not know: neither good nor bad."""

    code = "version"


class BodyError(FormatError):
    """Not a body, or not the body that the entry committed to (FORMAT.md 4)."""

    code = "body"


class RecordError(FormatError):
    """Not a record (FORMAT.md 5)."""

    code = "record"


class ProofError(FormatError):
    """Not a proof, or a proof of something else (FORMAT.md 6)."""

    code = "proof"


class NoteError(FormatError):
    """Not a signed note, a checkpoint or a verifier key (FORMAT.md 6) that holds."""

    code = "note"


class PolicyError(FormatError):
    """Not a policy of witnesses (C2SP tlog-policy); the message says in which line."""

    code = "policy"


class EvidenceError(FormatError):
    """Not an evidence file (FORMAT.md 7)."""

    code = "evidence"


class EventError(ChainlogError):
    """An event that does not fit the vocabulary.

    `field` is its path, such as `lines[0].item.serial`; empty for the whole.
    `unknown`: this version's vocabulary lacks something that a newer one may have, so the event may
    yet be right.
    """

    reason: Sentence

    code = "event"

    def __init__(
        self,
        template: str,
        /,
        *,
        field: str = "",
        hint: str | None = None,
        unknown: bool = False,
        **params: object,
    ) -> None:
        self.field = field
        self.reason = sentence(template, params)
        self.unknown = unknown
        told = Sentence("{field}: {reason}", field=field, reason=self.reason)
        super().__init__(told if field else self.reason, hint=hint, **params)


class RosterError(ChainlogError):
    """A key may not sign this here (FORMAT.md 8, step 5); `fault` is the rule's stable code."""

    code = "roster"

    def __init__(
        self, template: str, /, *, fault: str, hint: str | None = None, **params: object
    ) -> None:
        super().__init__(template, hint=hint, **params)
        self.fault = fault


class UncertainError(ChainlogError):
    """What is here says neither good nor bad; `fault` is the stable code of what is missing."""

    code = "uncertain"

    def __init__(
        self, template: str, /, *, fault: str, hint: str | None = None, **params: object
    ) -> None:
        super().__init__(template, hint=hint, **params)
        self.fault = fault


class IntakeError(ChainlogError):
    """A file of events with errors. `problems` holds one text each, with line and column."""

    code = "intake"

    def __init__(
        self,
        template: str,
        /,
        *,
        problems: tuple[str, ...] = (),
        hint: str | None = None,
        **params: object,
    ) -> None:
        super().__init__(template, hint=hint, **params)
        self.problems = problems


class SettingsError(ChainlogError):
    """The audit's settings cannot be read."""

    code = "settings"


class WitnessError(ChainlogError):
    """A witness that cannot be reached, refuses, or answers wrongly; says which, and its words."""

    code = "witness"


class KeyfileError(ChainlogError):
    """A key file that cannot be read or written."""

    code = "keyfile"


class PassphraseError(KeyfileError):
    """The passphrase is missing or wrong."""

    code = "passphrase"


class StoreError(ChainlogError):
    """The store cannot do it."""

    code = "store"


class NoLedgerError(StoreError):
    """There is no ledger here."""

    code = "no-ledger"


class NoChainError(StoreError):
    """The ledger does not hold this chain."""

    code = "no-chain"


class NoEntryError(StoreError):
    """No entry by this index, id or prefix, or more than one."""

    code = "no-entry"


class NoBlobError(StoreError):
    """An attachment that is not held."""

    code = "no-blob"


class HeadMovedError(StoreError):
    """The chain's head is not the one expected; nothing was written."""

    code = "head-moved"


class LockedError(StoreError):
    """Another process is writing this chain."""

    code = "locked"


class ReadOnlyError(StoreError):
    """The chain may only be read; the message says why."""

    code = "read-only"


class BehindMarkError(ReadOnlyError):
    """The chain is not, or not all, that was acknowledged: a restored backup must not fork."""

    code = "behind-mark"


class DamagedError(StoreError):
    """Stored bytes that do not read back."""

    code = "damaged"


class UnreadableError(DamagedError):
    """Of what a chain should hold not all, or nothing, can be read: neither good nor bad."""

    code = "unreadable"


class UnknownOutcomeError(StoreError):
    """A write or a sync failed: what is there, only reopening and reading back tells."""

    code = "unknown-outcome"
