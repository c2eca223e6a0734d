from odoo import api, models

#: What the client can do after it showed a notification.
AFTER = {
    "close": {"type": "ir.actions.act_window_close"},
    "reload": {"type": "ir.actions.client", "tag": "soft_reload"},
}


class VisibilityActionMixin(models.AbstractModel):
    """What buttons answer: a list of records, one record, a sentence."""

    _name = "visibility.action.mixin"
    _description = "Buttons that open records and say what came of it"

    @api.model
    def _open_action(self, xmlid, records=None, domain=None, **values):
        """A window action, about what is said here and not about what its own context would find.

        :param records: these; straight to the form when it is one
        :param domain: what else than exactly these records a list is of
        :param values: what else differs from the action as it is stored, such as ``context`` and ``name``
        """
        action = {**self.env["ir.actions.actions"]._for_xml_id(xmlid), "context": {}, **values}
        if records is not None and len(records) == 1:
            return {**action, "views": [(False, "form")], "res_id": records.id}
        if domain is None and records is not None:
            domain = [("id", "in", records.ids)]
        return action if domain is None else {**action, "domain": domain}

    @api.model
    def _open_record(self, model, record_id, **values):
        """The form of one record that is known by its model and id."""
        return {
            "type": "ir.actions.act_window",
            "res_model": model,
            "res_id": record_id,
            "views": [(False, "form")],
            **values,
        }

    @api.model
    def _say(self, message, kind="success", after=None, **params):
        """A notification.

        :param str kind: ``success``, ``info``, ``warning`` or ``danger``
        :param after: what the client does then: ``close`` the dialog, or ``reload`` what is shown
        :param params: what else the notification has, such as ``title`` and ``sticky``
        """
        following = {"next": dict(AFTER[after])} if after else {}
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"type": kind, "message": message, **following, **params},
        }

    def _label(self, name):
        """What a person reads as the value of a selection; empty where there is none."""
        return self._get_labels(name).get(self[name], "")

    @api.model
    def _get_labels(self, name):
        """What a person reads as the values of a selection, by value."""
        return dict(self._fields[name]._description_selection(self.env))
