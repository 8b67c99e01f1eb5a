"""A stick brings, beside the key that it names, a 'remembered' checkpoint that a stranger signed:
one `verify` there must neither believe it nor remember it against every honest copy.
"""

from __future__ import annotations

from support.chains import OWNER, STRANGER

from chainlog.format.checkpoint import Checkpoint, format_origin_line, sign_checkpoint
from chainlog.store.checkpoints import keep_checkpoint


def false(scene, signer):
    told = Checkpoint(format_origin_line("example.org/depot", scene.chain), 2, b"r" * 32)
    return sign_checkpoint(told, signer)


def test_it_brands_no_honest_copy(scene):
    scene.name_key("k/key.pem")
    (scene.stick / "k" / "marks").mkdir(parents=True)
    keep_checkpoint(scene.stick / "k" / "checkpoints" / scene.chain.hex(), false(scene, STRANGER))
    assert scene.run("verify", folder=scene.stick).code == 0
    assert scene.run("verify", "honest").code == 0


def test_one_that_the_log_signed_is_held_against_the_chain(scene):
    """The honest twin: it lies with the chain, and a key in force signed it."""
    folder = scene.stick / "chains" / scene.chain.hex() / "checkpoints"
    keep_checkpoint(folder, false(scene, OWNER))
    assert scene.run("verify", folder=scene.stick).code == 3
    assert scene.run("verify", "honest").code == 3
