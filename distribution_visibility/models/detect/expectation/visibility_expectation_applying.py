from datetime import timedelta

from odoo import api, fields, models

# What a person's click looks at, so that it stays a matter of seconds.
MOST_DOCUMENTS = 2_000
RECENT = timedelta(days=30)


class VisibilityExpectation(models.Model):
    """A template that was changed, on what is open already; and what it would expect of which document."""

    _inherit = "visibility.expectation"

    @api.model
    def _apply_template(self, template):
        """Follow a template's documents anew, the due times of what is open included.

        :return: how many documents were looked at: those with open rows first, then the most recent ones
        """
        open_rows = self.search([("template_id", "=", template.id), ("state", "=", "open")], limit=MOST_DOCUMENTS)
        plan = template._get_plan()
        items = {row: (plan, row._get_part(), row.base_at) for row in open_rows if row._get_part().exists()}
        due = self.env["visibility.expectation.template"]._get_due_times(list(items.values()))
        self._move({row: (item[2], due[item]) for row, item in items.items()})
        documents = template._get_recent_documents(MOST_DOCUMENTS - len(open_rows))
        self._follow(documents)
        return len(open_rows) + len(documents)


class VisibilityExpectationTemplate(models.Model):
    _inherit = "visibility.expectation.template"

    def _get_recent_documents(self, limit):
        """Documents that this template is about, touched lately, the latest first."""
        parts = self.env[self.res_model]
        domain = [("write_date", ">", fields.Datetime.now() - RECENT), *self._parse_domain()]
        if self.company_id:
            domain.append(("company_id", "=", self.company_id.id))
        return parts.search(domain, limit=max(limit, 0), order="id desc")._get_expectation_document()

    def action_preview(self):
        """What this would expect of the latest documents, without doing it."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("What would this expect now?"),
            "res_model": "visibility.expectation.preview",
            "view_mode": "form",
            "target": "new",
            "context": {"default_template_id": self.id},
        }
