"""What does not add up: families of findings, a topic a file, behind the contract in family.py.

A new rule goes into the family of its topic in `rules/`, where `rulebook.py` finds it. Findings
that show while an item's or a lot's history is folded begin in `custody/breaks.py`.

The rules stand in docs/audit.md.
"""
