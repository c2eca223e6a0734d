"""The database, read from outside of Odoo."""

import contextlib
import time

import psycopg2
import psycopg2.extras


class Reader:
    """SQL on a test's own database; every statement is a transaction of its own.

    :param server: a `postgres.Server`
    """

    def __init__(self, server, database):
        self.server, self.database = server, database
        self._connection = None

    def connect(self, **options):
        """A further connection, for locks."""
        told = {"host": self.server.host, "port": self.server.port, "user": self.server.user}
        if self.server.password:
            told["password"] = self.server.password
        connection = psycopg2.connect(dbname=self.database, application_name="test", **told, **options)
        connection.autocommit = True
        return connection

    def rows(self, statement, *values):
        """Rows as dictionaries; connects again after the server went away."""
        try:
            return self._rows(statement, values)
        except (psycopg2.OperationalError, psycopg2.InterfaceError):
            self.close()
            return self._rows(statement, values)

    def _rows(self, statement, values):
        if self._connection is None:
            self._connection = self.connect()
        with self._connection.cursor(cursor_factory=psycopg2.extras.RealDictCursor) as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    def one(self, statement, *values):
        """The only row."""
        (row,) = self.rows(statement, *values)
        return row

    def value(self, statement, *values):
        """The only value of the only row."""
        (value,) = self.one(statement, *values).values()
        return value

    def execute(self, statement, *values):
        self.rows(statement, *values)

    def close(self):
        if self._connection is not None:
            with contextlib.suppress(psycopg2.Error):
                self._connection.close()
            self._connection = None

    # ------------------------------------------------------------------ about messages
    def message(self, external_id):
        """The inbox message with this id, or None."""
        rows = self.rows("SELECT * FROM visibility_inbox_message WHERE external_id = %s", external_id)
        return rows[0] if rows else None

    def message_count(self):
        """How many messages there are, but for the heartbeats that the server sends to itself."""
        return self.value(
            """SELECT count(*) FROM visibility_inbox_message m JOIN visibility_source s ON s.id = m.source_id
                WHERE s.code != 'heartbeat'"""
        )

    def unfinished(self):
        """How many messages still wait or are in work."""
        return self.value(
            "SELECT count(*) FROM visibility_inbox_message WHERE state IN ('pending', 'running', 'retry')"
        )

    def wake_crons(self):
        """Tell the cron workers to look now, as every trigger of Odoo's does."""
        with contextlib.suppress(psycopg2.Error):
            Reader(self.server, "postgres")._notify(self.database)

    def hurry_crons(self, names):
        """Have scheduled actions that are at rest be due now, as if their interval were over.

        :param names: a pattern of their names, for LIKE
        """
        self.rows(
            """UPDATE ir_cron SET nextcall = now() AT TIME ZONE 'UTC' WHERE id IN (
                   SELECT id FROM ir_cron WHERE cron_name LIKE %s AND nextcall > now() AT TIME ZONE 'UTC'
                      FOR NO KEY UPDATE SKIP LOCKED)""",
            names,
        )

    def _notify(self, database):
        try:
            self.rows("SELECT pg_notify('cron_trigger', %s)", database)
        finally:
            self.close()


def wait_for(condition, seconds, why, pause=0.05):
    """Poll until the condition gives something true, and give that.

    :return: what the condition gave, and after how many seconds
    """
    begin = time.monotonic()
    while True:
        found = condition()
        if found:
            return found, time.monotonic() - begin
        assert time.monotonic() - begin < seconds, f"not within {seconds} s: {why}"
        time.sleep(pause)
