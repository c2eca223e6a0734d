import logging

from odoo import models
from odoo.exceptions import RedirectWarning, UserError

_logger = logging.getLogger(__name__)
SHOWN = 5


class VisibilityGatedMixin(models.AbstractModel):
    """A document with steps that blocking exceptions stop.

    There is no key, flag or user that goes around it: who must get past gives an override with a
    reason, or a manager changes what the category stops.
    """

    _name = "visibility.gated.mixin"
    _description = "Document with steps that can be blocked"

    def _check_gate(self, code):
        """Call this right before a step is done: it stops there if it must not be done with all of these.

        It costs nothing where nothing blocking is open, else two queries for any number of documents.

        :param str code: of a ``visibility.gate``
        :raise RedirectWarning: to people, with a way to the override
        :raise UserError: to jobs, portal users and whatever else works as superuser
        """
        suspects = self._get_suspects()
        gate = suspects and self.env["visibility.gate"].sudo()._get(code)
        stops = gate and self.env["visibility.exception"].sudo()._get_stops(gate, suspects)
        if stops:
            self._stop(gate, stops)

    def _get_suspects(self):
        """Those that have something blocking on them, or on their order or customer, by what these carry."""
        documents = self.sudo()
        partners = documents._get_gate_subjects()["res.partner"]
        blocked = self.env["visibility.partner.risk"].sudo()._get_blocked(partners)
        return documents.filtered(lambda document: document._is_suspect(blocked))

    def _is_suspect(self, blocked_partners):
        if self.visibility_severity == "blocking":
            return True
        subjects = self._get_gate_subjects()
        if blocked_partners and any(
            (one.id, self.company_id.id) in blocked_partners for one in subjects["res.partner"]
        ):
            return True
        orders = (records for model, records in subjects.items() if model != "res.partner")
        return any(order.visibility_severity == "blocking" for records in orders for order in records)

    def _get_gate_subjects(self):
        """Seam: orders and commercial partners that this belongs to: exceptions about them stop it, too, by model."""
        raise NotImplementedError

    # ------------------------------------------------------------------ stopping
    def _stop(self, gate, stops):
        message = self._get_stop_message(gate, stops)
        if self.env.su or not self.env.user._is_internal():
            _logger.warning("Stopped for user %s: %s", self.env.uid, " ".join(message.split()))
            raise UserError(message if self.env.user._is_internal() else self._get_public_message())
        documents = self.browse(document.id for document in stops)
        raise RedirectWarning(message, documents._get_stop_action(gate), self.env._("See what can be done"))

    def _get_public_message(self):
        """What customers and suppliers may know."""
        return self.env._("This cannot be done at the moment. Please contact us.")

    def _get_stop_message(self, gate, stops):
        lines = [self.env._("Stopped: %(gate)s", gate=gate.name)]
        for document, exceptions in list(stops.items())[:SHOWN]:
            lines += [f"{document.display_name}: {exception._get_stop_line()}" for exception in exceptions]
        if len(stops) > SHOWN:
            lines.append(self.env._("And %(count)s more documents.", count=len(stops) - SHOWN))
        return "\n\n".join(lines)

    def _get_stop_action(self, gate):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Stopped: %(gate)s", gate=gate.name),
            "res_model": "visibility.override.wizard",
            "views": [[False, "form"]],
            "target": "new",
            "context": {
                "default_gate_id": gate.id,
                "default_document_model": self._name,
                "default_document_ids": ",".join(map(str, self.ids)),
            },
        }
