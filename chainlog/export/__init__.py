"""Entries as files that other programs read, a format a file.

`jsonl.py` is JSON lines, `tabular.py` is CSV. `exporter.py` has the contract that each keeps and
finds them; `subject.py` is what they write; `intake.py` takes in what they read back.
"""
