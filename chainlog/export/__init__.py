"""Entries as files that other programs read, a format a file.

`jsonl.py` is JSON lines, `tabular.py` is CSV, of which `cells.py` has the cells; a new format is a
file beside them. `exporter.py` has
the contract that each keeps and finds them; `subject.py` is what they write. They read with
`lines.py`, and `intake.py` takes in what they read back.
"""
