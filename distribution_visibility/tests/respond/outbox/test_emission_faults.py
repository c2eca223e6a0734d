from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2.errors import SerializationFailure

from .outbox_common import OutboxCase

MESSAGE = "odoo.addons.distribution_visibility.models.respond.outbox.visibility_outbox_message"


@tagged("post_install", "-at_install")
class TestEmissionFaults(OutboxCase):
    """An event that cannot be described is left out; nobody's work fails for it."""

    def test_a_key_that_is_missing_or_a_query_that_fails_leaves_out_one_event_only(self):
        exceptions = self._open() | self._open() | self._open()
        bodies = {one.id: self._data(self._messages("exception.opened").filtered(lambda m, o=one: m.subject_id == o.id))
                  for one in exceptions}  # fmt: skip

        def key(one):
            return {}["missing"]

        def query(one):
            one.env.cr.execute("SELECT 1 FROM no_such_table")

        for fault in (key, query):
            with self.subTest(fault.__name__), mute_logger(MESSAGE, "odoo.sql_db"):

                def prepare(one, fault=fault):
                    if one == exceptions[1]:
                        fault(one)
                    return bodies[one.id]

                messages = self.outbox._emit("exception.updated", exceptions, prepare)
                self.assertEqual(len(messages), 2)
                self.assertEqual(self.env["res.partner"].search_count([("id", "=", self.customer.id)]), 1)

    def test_a_conflict_between_transactions_is_left_to_odoo(self):
        exception = self._open()

        def conflict(one):
            raise SerializationFailure("again")

        with self.assertRaises(SerializationFailure):
            self.outbox._emit("exception.opened", exception, conflict)

    def test_a_subject_that_cannot_be_found_out_fails_nobody(self):
        exception = self._open()
        body = self._data(self._messages("exception.opened"))
        with mute_logger(MESSAGE):
            messages = self.outbox._emit("exception.updated", exception, lambda one: body, lambda one: {}["missing"])
        self.assertFalse(messages)
