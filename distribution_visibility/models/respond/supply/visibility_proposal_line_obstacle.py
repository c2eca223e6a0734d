from odoo import models


class VisibilityProposalLine(models.Model):
    """What stands in the way of a change, each in one sentence."""

    _inherit = "visibility.proposal.line"

    def _get_obstacle(self):
        """Why this line cannot be accepted, in one sentence; None when it can."""
        return self._get_obstacle_of_match() or self._get_obstacle_of_order() or self._get_obstacle_of_quantity()

    def _get_obstacle_of_match(self):
        if not self.purchase_line_id:
            return self.env._("Say first which line of the order “%s” is.", self.display_name)
        if self.is_split:
            return self.env._(
                "%s would come on several dates: split the line on the order, then choose “Done by hand”.",
                self.product_id.display_name,
            )
        if self.substitute and not self.substitute_product_id:
            return self.env._("Say first which of our products “%s” is.", self.substitute)
        return None

    def _get_obstacle_of_order(self):
        order = self.order_id
        if order.state == "cancel":
            return self.env._("%s is cancelled: nothing can be changed any more.", order.name)
        if order.locked:
            return self.env._("%s is locked: unlock it first.", order.name)
        return None

    def _get_obstacle_of_quantity(self):
        line, product = self.purchase_line_id, self.product_id.display_name
        if line.product_qty and line.product_uom_id.compare(line.qty_received, line.product_qty) >= 0:
            return self.env._("%s has been received in full: nothing can be changed any more.", product)
        if line.product_uom_id.compare(self._get_new_quantity(), line.qty_received) < 0:
            return self.env._(
                "%(received)s of %(product)s have been received already: the order cannot say less.",
                received=self._format_quantity(line.qty_received),
                product=product,
            )
        if self.is_price_changed and line.qty_invoiced:
            return self.env._("%s has been billed at the old price already.", product)
        return None

    def _format_quantity(self, quantity):
        return f"{quantity:g}"
