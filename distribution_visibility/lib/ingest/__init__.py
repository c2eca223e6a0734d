"""Ingest: bytes and headers of a sender in, canonical events out."""
