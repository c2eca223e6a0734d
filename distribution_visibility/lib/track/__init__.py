"""Track: which shipment a fact belongs to, and what it does to it."""
