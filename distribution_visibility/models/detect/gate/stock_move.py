from odoo import models


class StockMove(models.Model):
    _inherit = "stock.move"

    def _action_done(self, cancel_backorder=False):
        """Goods move here, whoever asks: a button, a batch, a wizard, a point of sale, a job.

        Scrapping is let pass: what is damaged may always be thrown away.
        """
        if not self.env.context.get("is_scrap"):
            self.picking_id._check_validation()
        return super()._action_done(cancel_backorder=cancel_backorder)
