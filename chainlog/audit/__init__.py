"""What does not add up: one family of findings a file, behind the contract in family.py; the rules stand in docs/audit.md."""
