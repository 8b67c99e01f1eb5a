"""The questions that `enter` asks, and what it makes of the answers."""
