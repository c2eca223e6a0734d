"""Stops a process of Odoo at a precise step, so that it can be killed exactly there.

A gate is a database trigger, on the test's own copy of the database, that waits for an advisory
lock. While a test holds the lock, whoever comes to that step stands still.
"""

import contextlib
import threading
import zlib

from reader import wait_for

FUNCTION = """
    CREATE OR REPLACE FUNCTION visibility_test_gate() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN PERFORM pg_advisory_xact_lock_shared(TG_ARGV[0]::bigint); RETURN NEW; END $$
"""
WAITING = """
    SELECT count(*) FROM pg_stat_activity
     WHERE datname = current_database() AND wait_event_type = 'Lock' AND application_name LIKE 'odoo-%%'
"""


def install(reader, name, table, event, condition="true"):
    """A gate before each row of ``event`` (INSERT, UPDATE) on the table that meets the condition."""
    reader.execute(FUNCTION)
    reader.execute(
        f"""CREATE OR REPLACE TRIGGER visibility_test_{name} BEFORE {event} ON {table} FOR EACH ROW
            WHEN ({condition}) EXECUTE FUNCTION visibility_test_gate('{_key(name)}')"""
    )


def _key(name):
    return zlib.crc32(name.encode())


@contextlib.contextmanager
def closed(reader, name):
    """The gate is closed inside the block; gives a function that opens it earlier."""
    connection = reader.connect()
    try:
        connection.cursor().execute("SELECT pg_advisory_lock(%s)", (_key(name),))
        yield connection.close
    finally:
        connection.close()


@contextlib.contextmanager
def locked_table(reader, table):
    """Nobody reads for update or writes the table, from as soon as those are through who do so now."""
    connection, ready = reader.connect(), threading.Event()
    connection.autocommit = False

    def lock():
        with contextlib.suppress(Exception):
            connection.cursor().execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE")
            ready.set()

    thread = threading.Thread(target=lock)
    thread.start()
    try:
        yield ready
    finally:
        connection.cancel() if not ready.is_set() else None
        thread.join()
        connection.close()


def wait_until_somebody_waits(reader, seconds=90):
    """Wait until a process of Odoo stands still at a lock."""

    def find():
        reader.wake_crons()
        return reader.value(WAITING)

    wait_for(find, seconds, "a process stands at the gate", pause=0.1)
