# Real transactions, so that there are real conflicts
# pylint: disable=invalid-commit
from unittest.mock import patch

from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from ..concurrency import other_transaction


@tagged("post_install", "-at_install")
class TestLogCheckWhileBusy(TransactionCase):
    """The log is checked while it grows: real transactions, committed, and cleaned up afterwards."""

    def setUp(self):
        super().setUp()
        self.run_ids = []
        with other_transaction(self) as env:
            chains = env["visibility.action.chain"]
            self.had_chain = chains.search([("company_id", "=", env.company.id)])
            self.head = self.had_chain.read()[0] if self.had_chain else None
            self._write_down(env)
        self.addCleanup(self._clean_up)

    def _write_down(self, env):
        """A response is recorded and sealed."""
        runs = env["visibility.action.run"]
        values = runs._prepare_run(env["res.partner"], name="Busy", origin="button", result="done", company=env.company)
        self.run_ids += runs._record([values]).ids
        self.assertTrue(env["visibility.action.chain"]._get_chain(env.company)._seal_batch())

    def _clean_up(self):
        with other_transaction(self) as env:
            env.cr.execute("DELETE FROM visibility_action_run WHERE id = ANY(%s)", [self.run_ids])
            if self.head:
                env.cr.execute(
                    "UPDATE visibility_action_chain SET head_sequence = %s, head_hash = %s WHERE id = %s",
                    [self.head["head_sequence"], self.head["head_hash"], self.head["id"]],
                )
            else:
                env.cr.execute("DELETE FROM visibility_action_chain WHERE company_id = %s", [env.company.id])

    @mute_logger("odoo.sql_db")
    def test_rows_that_are_sealed_during_the_check_neither_end_it_nor_are_left_out(self):
        times = []
        find = self.registry["visibility.action.chain"]._get_slice

        def get_slice(chain, *args):
            # Somebody seals between the reading of each of the first slices and what is noted of it
            rows = find(chain, *args)
            if len(times) < 3:
                times.append(1)
                with other_transaction(self) as env:
                    self._write_down(env)
            return rows

        with (
            patch.object(self.registry["visibility.action.chain"], "_get_slice", get_slice),
            self.registry.cursor() as cr,
        ):
            env = self.env(cr=cr)
            env["visibility.action.chain"]._cron_verify()
            cr.commit()
        with other_transaction(self) as env:
            chain = env["visibility.action.chain"]._get_chain(env.company)
            self.assertEqual((chain.state, chain.verified_sequence), ("intact", chain.head_sequence))
        self.assertEqual(len(times), 3)
