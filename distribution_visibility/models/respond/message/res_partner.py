from odoo import fields, models, tools

SCOPE = "distribution_visibility.messages"


class ResPartner(models.Model):
    """Whether somebody wants to hear of deliveries, and the link by which they say so."""

    _inherit = "res.partner"

    visibility_gets_messages = fields.Boolean(
        "Messages about deliveries",
        default=True,
        tracking=True,
        help="Off: this contact gets no messages about shipments and orders. Each message has a link to switch it.",
    )

    def _get_visibility_unsubscribe_url(self, base):
        """The address of the page on which this partner chooses; it works without signing in and does not expire."""
        token = tools.hash_sign(self.sudo().env, SCOPE, self.id)
        return f"{base}/visibility/messages/{token}"

    def _find_by_visibility_token(self, token):
        """The partner of a signed token; none for a token that we did not sign.

        :param str token: whatever stands in the address
        """
        try:
            partner_id = tools.verify_hash_signed(self.sudo().env, SCOPE, token)
        except (ValueError, IndexError):
            partner_id = None
        if not isinstance(partner_id, int):
            return self.browse()
        return self.sudo().browse(partner_id).exists() or self._find_former(partner_id)

    def _choose_visibility_messages(self, is_wanted):
        """Write down what somebody chose on the page, and in the chatter how."""
        changed = self.sudo().filtered(lambda partner: partner.visibility_gets_messages != is_wanted)
        changed.with_context(tracking_disable=True).visibility_gets_messages = is_wanted
        sentences = {
            True: self.env._("Wants messages about deliveries again: chosen on the page that messages link to."),
            False: self.env._("Wants no more messages about deliveries: chosen on the page that messages link to."),
        }
        changed._message_log_batch(dict.fromkeys(changed.ids, sentences[is_wanted]))
        return changed
