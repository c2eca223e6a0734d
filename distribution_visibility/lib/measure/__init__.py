"""Numbers about the work, without a database."""
