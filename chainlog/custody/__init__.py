"""What events come to: items, lots, shipments and funds, each a fold of the acts that name it."""
