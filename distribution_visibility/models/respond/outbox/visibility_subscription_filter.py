import logging

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools.safe_eval import datetime, dateutil, safe_eval, time

_logger = logging.getLogger(__name__)


class VisibilitySubscriptionFilter(models.Model):
    """Of one kind of record, only those that meet a condition are told to the subscriber."""

    _name = "visibility.subscription.filter"
    _description = "Filter of a subscription"
    _inherit = ["visibility.cached.mixin"]
    _rec_name = "model"

    subscription_id = fields.Many2one("visibility.subscription", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="subscription_id.company_id", store=True, index=True)
    model = fields.Selection("_selection_model", "Of", required=True, default="visibility.exception")
    domain = fields.Char("Only those", required=True, default="[]")

    _one_each = models.UniqueIndex("(subscription_id, model)", "There is a filter for this kind already.")

    @api.model
    def _selection_model(self):
        """Kinds of records that events are about; extended where more emit events."""
        return [
            ("visibility.exception", self.env._("Exceptions")),
            ("visibility.shipment", self.env._("Shipments")),
            ("visibility.promise", self.env._("Promises")),
            ("visibility.priority.change", self.env._("Moves of transfers")),
            ("sale.order", self.env._("Sale orders")),
            ("purchase.order", self.env._("Purchase orders")),
            ("stock.picking", self.env._("Transfers")),
            ("account.move", self.env._("Invoices")),
        ]

    @api.constrains("model", "domain")
    def _check_domain(self):
        for one in self:
            try:
                # Constraints run as superuser; whoever writes a filter learns from it which records meet it
                self.env[one.model].sudo(False).search(self._read_domain(one.domain), limit=1)
            except Exception as error:
                raise ValidationError(self.env._("This filter cannot be understood: %s", error)) from error

    @api.model
    def _read_domain(self, text):
        context = {"uid": self.env.uid, "datetime": datetime, "dateutil": dateutil, "time": time}
        return safe_eval(text or "[]", {**context, "context_today": lambda: fields.Date.context_today(self)})

    @api.model
    def _select(self, records, text):
        """Those of the records that meet a condition; none when it cannot be understood any more."""
        try:
            return records.filtered_domain(self._read_domain(text))
        except Exception:
            # Sending less is a delay, sending what was meant to be held back is a leak.
            _logger.exception("the filter %s of a subscription cannot be used", text)
            return records.browse()
