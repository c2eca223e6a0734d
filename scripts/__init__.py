"""Sets up, runs and tests Distribution Visibility on a bare machine (standard library only)."""
