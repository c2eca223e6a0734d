from odoo.tests import tagged

from ....models.detect.exception.visibility_exception import CHANGED
from ...common import VisibilityCase


@tagged("post_install", "-at_install")
class TestExceptionLive(VisibilityCase):
    """An open workbench learns that it should look again, once a transaction, and nothing else."""

    def setUp(self):
        super().setUp()
        self._create_delivery("1Z1")
        self.env.cr.precommit.run()

    def _get_announcements(self):
        self.env.cr.precommit.run()
        return self.env["bus.bus"].sudo().search([("message", "like", CHANGED)])

    def test_news_of_trouble_is_announced_once_and_says_nothing(self):
        before = self._get_announcements()
        self._tell(
            self.easypost,
            self._tracker(
                "1Z1",
                ("in_transit", "delayed", self._ago(hours=3), "Late"),
                ("in_transit", "damaged", self._ago(hours=1), "Broken"),
            ),
        )
        announced = self._get_announcements() - before
        self.assertEqual(len(announced), 1)
        self.assertNotIn("1Z1", announced.message)

    def test_what_nobody_sees_is_not_announced(self):
        self._tell(self.easypost, self._tracker("1Z1", ("in_transit", "delayed", self._ago(hours=3), "Late")))
        exception = self.env["visibility.exception"].search([("shipment_id.number", "=", "1Z1")])
        before = self._get_announcements()
        exception.resolution = "Will be here tomorrow"
        self.assertEqual(self._get_announcements(), before)
        exception.action_acknowledge()
        self.assertEqual(len(self._get_announcements()), len(before) + 1)
