"""Every error that chainlog raises on purpose, under one root.

Each class has a stable `code` that programs may rely on. Bytes from outside raise only these; an
exit code is given to a code in one place, the command line. The tree::

    ChainlogError            error
    ├── FormatError          format          bytes that are not what FORMAT.md says
    │   ├── CanonicalError   canonical       not a canonical value (FORMAT.md 1)
    │   ├── KeyFormError     key-form        a key that is refused wherever it appears (FORMAT.md 2)
    │   ├── EntryError       entry           not an entry (FORMAT.md 3)
    │   │   └── VersionError version         an entry of a version that this reader does not know
    │   ├── BodyError        body            not a body, or not the body that was committed to
    │   │                                    (FORMAT.md 4)
    │   ├── RecordError      record          not a record (FORMAT.md 5)
    │   ├── ProofError       proof           not a proof, or a proof of something else (FORMAT.md 6)
    │   ├── NoteError        note            not a signed note, a checkpoint or a verifier key
    │   │                                    (FORMAT.md 6)
    │   ├── PolicyError      policy          not a policy of witnesses; says in which line
    │   └── EvidenceError    evidence        not an evidence file (FORMAT.md 7)
    ├── EventError           event           an event that does not fit the vocabulary;
    │                                        names the field
    ├── RosterError          roster          a key may not sign this here (FORMAT.md 8)
    ├── UncertainError       uncertain       what is here does not say: neither good nor bad
    ├── IntakeError          intake          a file of events with errors, each with line and column
    ├── SettingsError        settings        the audit's settings cannot be read
    ├── WitnessError         witness         a witness that cannot be reached, or answers wrongly
    ├── KeyfileError         keyfile         a key file that cannot be read or written
    │   └── PassphraseError  passphrase      the passphrase is missing or wrong
    └── StoreError           store           the store cannot do it
        ├── NoLedgerError    no-ledger       there is no ledger here
        ├── NoChainError     no-chain        the ledger does not hold this chain
        ├── NoEntryError     no-entry        no entry by this index, id or prefix, or more than one
        ├── NoBlobError      no-blob         an attachment that is not held
        ├── HeadMovedError   head-moved      the chain's head is not the one expected;
        │                                    nothing was written
        ├── LockedError      locked          another process is writing this chain
        ├── ReadOnlyError    read-only       the chain may only be read, and why
        │   ├── BehindMarkError  behind-mark the chain is shorter than what was acknowledged before
        │   └── OtherEntriesError other-entries what lies here does not hold, or is not what was
        │                                    signed (ledger/growth.py)
        ├── DamagedError     damaged         stored bytes that do not read back
        │   └── UnreadableError unreadable       of a chain not all, or nothing, can be read
        └── UnknownOutcomeError unknown-outcome  a write failed half way: reopen and read back
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self


class Sentence(str):
    """An English sentence that remembers its template and what fills it.

    The template is what the catalogue of another language knows it by (`export/words`). What fills
    it may be sentences again::

        Sentence("{path} is not held: {why}", path=path, why=error.message)

    A sentence without params is taken as it stands.
    """

    __slots__ = ("params", "template")

    def __new__(cls, template: str, /, **params: object) -> Self:
        """The template, filled."""
        made = super().__new__(cls, template.format(**params) if params else template)
        made.template, made.params = template, params
        return made

    template: str
    params: dict[str, object]


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
        self.message = _sentence(template, params)
        self.hint = None if hint is None else _sentence(hint, params)
        super().__init__(str(self.message))

    @classmethod
    def from_os(cls, template: str, /, *, hint: str | None = None, **params: object) -> OsErrors:
        """A block in which an error of the operating system becomes one of these.

        `{why}` is what it says::

            with StoreError.from_os("{path} cannot be read: {why}", path=path):
                data = path.read_bytes()
        """
        return OsErrors(lambda why: cls(template, hint=hint, **params, why=why))


class OsErrors:
    """A block of code, and what an OSError in it is told as."""

    def __init__(self, told: Callable[[str | None], ChainlogError]) -> None:
        self._told = told

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, OSError):
            raise self._told(error.strerror) from None


def _sentence(template: str, params: dict[str, object]) -> Sentence:
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
    """Not a signed note, a checkpoint or a verifier key (FORMAT.md 6).

    It is raised as well for one whose signature does not hold.
    """

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
        self.reason = _sentence(template, params)
        self.unknown = unknown
        told = Sentence("{field}: {reason}", field=field, reason=self.reason)
        super().__init__(told if field else self.reason, hint=hint, **params)


class RosterError(ChainlogError):
    """A key may not sign this here (FORMAT.md 8, rules of step 5).

    `fault` is the stable code of the rule.
    """

    code = "roster"

    def __init__(
        self, template: str, /, *, fault: str, hint: str | None = None, **params: object
    ) -> None:
        super().__init__(template, hint=hint, **params)
        self.fault = fault


class UncertainError(ChainlogError):
    """What is here does not say: neither good nor bad.

    `fault` is the stable code of what is missing.
    """

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
    """A witness that cannot be reached, refuses, or answers wrongly.

    The message says which and what it said.
    """

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
    """The chain is shorter than, or other than, what was acknowledged before.

    A restored backup must not fork.
    """

    code = "behind-mark"


class DamagedError(StoreError):
    """Stored bytes that do not read back."""

    code = "damaged"


class UnreadableError(DamagedError):
    """Of what a chain should hold not all, or nothing, can be read: neither good nor bad."""

    code = "unreadable"


class UnknownOutcomeError(StoreError):
    """A write or a sync failed.

    Whether the entries are there is unknown until the chain is reopened and read back.
    """

    code = "unknown-outcome"
