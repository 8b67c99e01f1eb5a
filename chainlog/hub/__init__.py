"""Services that a hub runs: a witness over mirrored chains."""
