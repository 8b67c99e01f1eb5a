"""The questions that people ask of a ledger, a file each.

A question is a function of an `Inquiry` and its filters. It returns frozen rows and totals, which
the command line prints, `--json` writes, and pages and exports show: whoever shows them computes
nothing.
"""
