"""Sync: what each side has, send the rest, verify before storing.

No consensus and no merge: a chain has one writer, so either side's copy is a beginning of the
other's; or somebody forked, and then both sides are evidence. `other.py` reads another ledger's
store as it lies, believing nothing of it; `folder.py` takes all that holds there, chain by chain
(`chain.py`), puts back what is damaged here (`repair.py`), takes what it shows more of entries
that both have (`bodies.py`), what was signed of them (`checkpoints.py`), and the files that entries
name (`attachments.py`). `outcome.py` is what became of it. `witnesses.py` has a checkpoint cosigned
over HTTP.
"""
