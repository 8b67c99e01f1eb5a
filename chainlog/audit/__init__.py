"""What does not add up: one family of findings a file, behind the contract in family.py.

The rules stand in docs/audit.md.
"""
