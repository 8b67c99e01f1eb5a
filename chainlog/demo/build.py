"""The demo: the seeds' story, signed into ledgers through the functions that the commands call.

    DIR/keys/           a key a person, unencrypted and named as a demo's
    DIR/home/           the state of whoever plays with it: CHAINLOG_HOME, so that nothing is kept
                        anywhere else
    DIR/hq              the authority's ledger, which has taken the chains of all sites; audit.toml
                        has the settings of an audit. Beside it a witness, which the authority
                        admits, cosigns the checkpoint that each site made at the end
    DIR/port, …         one ledger a site, each with one chain of its own

Deterministic: keys, salts and clock derive from the seeds, so two demos have the same ids.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256, shake_256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chainlog.demo.read import parse_seeds
from chainlog.demo.story import tell
from chainlog.demo.teller import Cite, Person, Step, StepIndex
from chainlog.errors import StoreError
from chainlog.events.event import Event
from chainlog.events.kinds import KINDS
from chainlog.events.plain_json import from_plain
from chainlog.events.terms import Custody
from chainlog.format.cosignature import Ed25519Cosigner
from chainlog.format.keys import Ed25519Signer
from chainlog.format.note import format_note, format_vkey
from chainlog.hub.witness.keys import witness_folder
from chainlog.hub.witness.state import keep_vkey
from chainlog.hub.witness.witness import Witness
from chainlog.ledger.checkpoints import checkpoints_of, make_checkpoint
from chainlog.ledger.ledger import Ledger
from chainlog.ledger.signers.files import write_key
from chainlog.ledger.state import State
from chainlog.ledger.taken import take_checkpoint
from chainlog.sync.folder import sync_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from chainlog.demo.rows import Keyholder, Site
    from chainlog.demo.seeds import Seeds

_ADMITTED_MS = 60_000  # from a site's opening to its admission by the authority
_WITNESSED_MS = 2 * _ADMITTED_MS  # from the authority's opening to its admission of the witness
_COSIGNED_MS = 600_000  # from the end of the story to the witness's cosignatures
WITNESS = "witness.example/demo"
_README = (
    "Keys of the chainlog demo. They derive from public data: whoever has the seeds has them. "
    "Never sign anything real with them.\n"
)


@dataclass(frozen=True, slots=True)
class Built:
    """What a demo came to.

    `chains`: the chain of each site's ledger; `entries`: how many that has; `items`: serialised
    things.

    `ids`: the entry that each step of the story became, by its label. `closing`: the instant (ms)
    of the audit that the seeds foretell.
    """

    folder: Path
    chains: dict[str, bytes]
    entries: dict[str, int]
    items: int
    ids: dict[str, bytes]
    closing: int


def read_seeds() -> dict[str, str]:
    """The seed files, from the wheel or, in a checkout, from beside the package."""
    here = Path(__file__).resolve()
    folder = (
        here.with_name("seed_files")
        if here.with_name("seed_files").is_dir()
        else here.parents[2] / "seeds"
    )
    with StoreError.from_os(
        "the seeds cannot be read from {folder}: {why}",
        folder=folder,
        hint="install chainlog again",
    ):
        return {
            path.name: path.read_text(encoding="utf-8")
            for path in sorted(folder.iterdir())
            if path.suffix in {".csv", ".toml"}
        }


def build(
    folder: Path, files: dict[str, str], progress: Callable[[int], None] | None = None
) -> Built:
    """Build the demo's ledgers in a folder that is empty or not there.

    Raises StoreError, IntakeError.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise StoreError(
            "{folder} is not empty", folder=folder, hint="name a new folder, or remove this one"
        )
    seeds = parse_seeds(files)
    demo = _Demo(folder, seeds)
    try:
        demo.open_chains()
        demo.play(_with_admissions(seeds, tell(seeds), demo), progress)
        entries = {site: ledger.head.size for site, ledger in demo.ledgers.items()}
        demo.checkpoint()
        demo.gather()
        demo.cosign()
    finally:
        for ledger in demo.ledgers.values():
            ledger.close()
    return Built(
        folder,
        {site: ledger.chain for site, ledger in demo.ledgers.items()},
        entries,
        len(seeds.items),
        demo.ids,
        int(seeds.closing.timestamp() * 1000),
    )


def state_of(folder: Path) -> State:
    """The state of the demo in a folder, which is not its user's own."""
    return State(folder / "home")


def witness_of() -> Ed25519Cosigner:
    """The demo's witness."""
    return Ed25519Cosigner(WITNESS, demo_key(WITNESS))


def demo_key(person: str) -> Ed25519Signer:
    """The key of a person in the demo: anybody can derive it."""
    return Ed25519Signer.from_seed(sha256(b"chainlog demo key\n" + person.encode()).digest())


class _Demo:
    """The ledgers while they are being built, and the ids that later steps cite."""

    def __init__(self, folder: Path, seeds: Seeds) -> None:
        self.folder, self.state, self.seeds = folder, state_of(folder), seeds
        self.ledgers: dict[str, Ledger] = {}
        self.pending: dict[str, list[Step]] = {}
        self.ids: dict[str, bytes] = {}
        self.indexes: dict[str, int] = {}
        self.now = 0

    def open_chains(self) -> None:
        """Write the keys and open each site's chain, the authority's first."""
        for site in sorted(self.seeds.sites, key=lambda site: (not site.authority, site.opened)):
            people = [person for person in self.seeds.people if person.site == site.id]
            for number, person in enumerate(people, 1):
                write_key(
                    self.folder / "keys" / f"{site.id}-{number}.pem", demo_key(person.name), None
                )
            self.now = int(site.opened.timestamp() * 1000)
            self.ledgers[site.id] = Ledger.create(
                self.folder / site.id,
                self._opening(site, [person for person in people if person.granted is None]),
                demo_key(people[0].name),
                marks=self.state.marks,
                key=f"../keys/{site.id}-1.pem",
                clock=lambda: self.now,
                entropy=_salts(site.id),
            )
        (self.folder / "keys" / "README").write_text(_README, encoding="utf-8")

    def gather(self) -> None:
        """Let the authority take what every site has, and write the audit's settings beside it.

        Whose receipt is an arrival.
        """
        authority = next(site for site in self.seeds.sites if site.authority)
        for site in self.seeds.sites:
            if site is not authority:
                told = sync_folder(self.ledgers[authority.id], self.folder / site.id)
                if any(one.state != "new" for one in told.chains) or told.attachments.mismatched:
                    raise StoreError(
                        "the authority could not take all of {folder}",
                        folder=self.folder / site.id,
                        hint="build the demo again",
                    )
        names = [party.name for party in self.seeds.parties if party.in_country]
        listed = "".join(f"  {json.dumps(name, ensure_ascii=False)},\n" for name in names)
        text = f"# Whose receipt is an arrival in the country.\nin_country = [\n{listed}]\n"
        (self.folder / authority.id / "audit.toml").write_text(text, encoding="utf-8")

    def checkpoint(self) -> None:
        """Let each site sign how long its chain is."""
        for site, ledger in self.ledgers.items():
            people = [demo_key(person.name) for person in self.seeds.people if person.site == site]
            may = ledger.roster().log_signers
            ledger.signer = next(person for person in people if person.key_id in may)
            make_checkpoint(ledger)

    def cosign(self) -> None:
        """Let the witness cosign what the authority's ledger holds.

        Each site takes the cosignatures back.
        """
        key = self.folder / "keys" / "witness.pem"
        write_key(key, demo_key(WITNESS), None)
        cosigner = witness_of()
        folder = witness_folder(self.state, cosigner.signer)
        keep_vkey(folder, cosigner.vkey)
        hub = next(self.ledgers[site.id] for site in self.seeds.sites if site.authority)
        time = (int(self.seeds.closing.timestamp() * 1000) + _COSIGNED_MS) // 1000
        for one in Witness(
            hub, [cosigner], folder, clock=lambda: time, authority=hub.chain
        ).cosign_held():
            if one.state != "cosigned":
                raise StoreError(
                    "the witness did not cosign {origin}: {says}",
                    origin=one.origin,
                    says=one.says,
                    hint="build the demo again",
                )
        for ledger in self.ledgers.values():
            if ledger is not hub:
                for note in checkpoints_of(hub, ledger.chain):
                    take_checkpoint(ledger, format_note(note))

    def play(self, steps: Iterable[Step], progress: Callable[[int], None] | None) -> None:
        """Sign the steps, each at its site and by its person, some hundreds at a time."""
        for step in steps:
            for digest_source in step.attached:
                self.ledgers[step.site].engine.put_blob([digest_source])
            if any(cite.label not in self.ids for cite in _cites(step.fields)):
                self.flush(progress)
            self.pending.setdefault(step.site, []).append(step)
        self.flush(progress)

    def flush(self, progress: Callable[[int], None] | None) -> None:
        """Append what is pending, so that it can be cited."""
        for site, steps in self.pending.items():
            entries = self.ledgers[site].append_many(self._events(site, steps), progress)
            for step, entry in zip(steps, entries, strict=True):
                self.ids[step.label], self.indexes[step.label] = entry.id, entry.header.index
        self.pending.clear()

    def _events(self, site: str, steps: list[Step]) -> Iterator[Event]:
        for step in steps:
            self.now = step.clock
            self.ledgers[site].signer = demo_key(step.person)
            fields = self._known(step.fields)
            yield (
                from_plain(step.kind, fields)
                if step.kind in KINDS
                else _of_another_version(step.kind, fields)
            )

    def _known(self, value: Any) -> Any:  # noqa: ANN401  (JSON has no better type)
        """The fields with ids and keys in place of those who stand for them."""
        if isinstance(value, Cite):
            return self.ids[value.label].hex()
        if isinstance(value, StepIndex):
            return self.indexes[value.label]
        if isinstance(value, Person):
            return demo_key(value.name).key_id
        if isinstance(value, dict):
            return {name: self._known(one) for name, one in value.items()}
        if isinstance(value, list):
            return [self._known(one) for one in value]
        return value

    def _opening(self, site: Site, people: list[Keyholder]) -> dict[str, Any]:
        parties = {party.id: party.name for party in self.seeds.parties}
        opening: dict[str, Any] = {
            "origin": site.origin,
            "site": site.name,
            "keys": [
                {"key": demo_key(person.name).key_id, "roles": list(person.roles)}
                for person in people
            ],
            "holders": [{"name": person.name, "party": parties[person.party]} for person in people],
        }
        if not site.authority:
            opening["programme"] = next(iter(self.ledgers.values())).chain
        return opening


def _with_admissions(seeds: Seeds, steps: list[Step], demo: _Demo) -> list[Step]:
    """The steps, and the authority's admissions of each site and the witness, in order of time."""
    authority = next(site for site in seeds.sites if site.authority)
    owner = next(person for person in seeds.people if person.site == authority.id)
    admissions = [
        Step(
            authority.id,
            owner.name,
            int(site.opened.timestamp() * 1000) + _ADMITTED_MS,
            "site.admit",
            {"chain": demo.ledgers[site.id].chain.hex(), "origin": site.origin, "scope": site.name},
            f"site.admit/{site.id}",
        )
        for site in seeds.sites
        if not site.authority
    ]
    opened = int(authority.opened.timestamp() * 1000)
    vkey = {"vkey": format_vkey(witness_of().vkey)}
    witness = Step(
        authority.id,
        owner.name,
        opened + _WITNESSED_MS,
        "witness.admit",
        vkey,
        "witness.admit/demo",
    )
    return sorted([*admissions, witness, *steps], key=lambda step: step.time)


def _of_another_version(kind: str, fields: dict[str, Any]) -> Event:
    """An event of custody of a kind unknown to this version, as a newer one would write it."""
    return Event(kind, fields, Custody(event_time=fields["event_time"]))


def _cites(value: Any) -> Iterator[Cite | StepIndex]:  # noqa: ANN401  (JSON has no better type)
    if isinstance(value, Cite | StepIndex):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _cites(one)


def _salts(site: str) -> Callable[[int], bytes]:
    """Salts that derive from the site's name.

    A demo has nothing to hide, and the same ids each time.
    """
    count = 0

    def entropy(size: int) -> bytes:
        nonlocal count
        count += 1
        return shake_256(f"chainlog demo salt\n{site}\n{count}".encode()).digest(size)

    return entropy
