from odoo import api, fields, models


class VisibilityException(models.Model):
    """What exceptions are about: documents that know us, and records of any other model.

    Documents that inherit ``visibility.subject.mixin`` say themselves what belongs to them. Of any
    other record the fields that Odoo's models name alike are taken: ``partner_id``, ``company_id``,
    ``user_id``, and fields that point to documents with an at-risk state.
    """

    _inherit = "visibility.exception"

    @api.model
    def _is_known_subject(self, subject):
        return isinstance(subject, self.env.registry["visibility.subject.mixin"])

    @api.model
    def _get_subject_company(self, subject):
        """The company of a subject; of records that all companies share the current one."""
        company = subject.company_id if "company_id" in subject._fields else self.env["res.company"]
        return company[:1] or self.env.company

    @api.model
    def _get_subject_links(self, subject):
        """Values of an exception that tie it to the documents and people its subject is about."""
        if self._is_known_subject(subject):
            return subject._prepare_exception_links()
        links = {
            name: [fields.Command.set(self._get_related(subject, self._fields[name].comodel_name).ids)]
            for name in self._get_document_fields()
        }
        return {**links, "partner_id": self._get_related(subject, "res.partner", "partner_id")[:1].id}

    @api.model
    def _get_related(self, subject, model, *names):
        """Records of a model that a record points to: it itself, or by the named (else all direct) fields."""
        if subject._name == model:
            return subject
        found = self.env[model]
        for name in names or subject._fields:
            field = subject._fields.get(name)
            if field and field.store and field.type == "many2one" and field.comodel_name == model:
                found |= subject[name]
        return found

    @api.model
    def _get_subject_owners(self, subject, role):
        """Users who may answer for a subject, best first."""
        if self._is_known_subject(subject):
            return subject._get_exception_owners(role)
        return self._get_related(subject, "res.users", "user_id", "invoice_user_id", "responsible_id")

    @api.model
    def _get_subject_facts(self, subject):
        """The events that were told of a subject; none of what senders know nothing of."""
        return subject._get_facts() if self._is_known_subject(subject) else self.env["visibility.event"]
