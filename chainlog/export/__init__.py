"""Entries as files that other programs read, a format a file.

`jsonl.py` is JSON lines, `tabular.py` is CSV (`columns.py`, `cells.py`; `tabular_read.py` reads it
back); a new format is a file beside them. `exporter.py` has the contract that each keeps and finds
them; `subject.py` is what they write. They read with `lines.py`, and `intake.py` takes in what they
read back.
"""
