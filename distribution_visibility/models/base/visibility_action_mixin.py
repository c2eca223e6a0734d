from markupsafe import Markup
from odoo import api, models
from odoo.exceptions import UserError

#: What the client can do after it showed a notification.
AFTER = {
    "close": {"type": "ir.actions.act_window_close"},
    "reload": {"type": "ir.actions.client", "tag": "soft_reload"},
}


#: Whose forms Odoo shows to these groups alone, whoever else may read the records.
FORM_GROUPS = {
    "sale.order": ("sales_team.group_sale_salesman",),
    "purchase.order": ("purchase.group_purchase_user",),
    "account.move": ("account.group_account_invoice", "account.group_account_readonly"),
}


class VisibilityActionMixin(models.AbstractModel):
    """What buttons answer: a list of records, one record, a sentence."""

    _name = "visibility.action.mixin"
    _description = "Buttons that open records and say what came of it"
    #: An empty list of these says nothing as long as nobody reports anything
    _visibility_is_reported = False

    @api.model
    def get_empty_list_help(self, help_message):
        """Where no source is connected, an empty list must not sound as if all were well."""
        if self._visibility_is_reported and not self._is_anybody_heard():
            return self._get_unheard_help()
        return super().get_empty_list_help(help_message)

    @api.model
    def _is_anybody_heard(self):
        domain = [("company_id", "in", self.env.companies.ids)]
        return bool(self.env["visibility.source"].sudo().search_count(domain, limit=1))

    @api.model
    def _get_unheard_help(self):
        title = self.env._("Nobody reports anything yet")
        words = self.env._(
            "No carrier, supplier or other source is connected, so nothing of what happens outside is known here. What "
            "Odoo itself knows is watched by rules and expectations."
        )
        text = Markup("<p class='o_view_nocontent_neutral_face'>%s</p><p>%s</p>") % (title, words)
        if self.env["visibility.source"].has_access("create"):
            action = "distribution_visibility.visibility_source_action"
            link = Markup("<p><a type='action' name='%s' class='btn btn-primary'>%s</a></p>")
            text += link % (action, self.env._("Connect a source"))
        return text

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
    def _open_exceptions(self, domain):
        """The list behind a number of open exceptions: snoozed ones are open, too, and closed ones a click away."""
        context = {"search_default_open": 1, "search_default_snoozed": 1}
        return self._open_action("distribution_visibility.visibility_exception_action", domain=domain, context=context)

    @api.model
    def _may_open(self, model, record_id):
        """Whether this person may open the form of a record that is known by its model and id."""
        groups = FORM_GROUPS.get(model)
        if model not in self.env or groups and not any(map(self.env.user.has_group, groups)):
            return False
        record = self.env[model].browse(record_id or ()).exists()
        return bool(record) and record.with_env(self.env).has_access("read")

    @api.model
    def _open_record(self, model, record_id, **values):
        """The form of one record that is known by its model and id.

        :raises UserError: where this person may not see it, or it is gone
        """
        if not self._may_open(model, record_id):
            raise UserError(self.env._("This is nothing that you may open, or it does not exist any more."))
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
