"""The numbered checks, over records and over evidence. No I/O: what is read is passed in."""
