"""Detect: how bad it is, and how soon somebody must look."""
