from odoo import api, fields, models
from odoo.exceptions import UserError


class VisibilityException(models.Model):
    """Some documents of an exception go to one of their own, with an owner of its own.

    There may be one open exception for (category, document), so the new one is about one of the documents that go. It
    shares the cause: what is heard of the first counts on both, and both end with the cause.
    """

    _inherit = "visibility.exception"

    split_from_id = fields.Many2one(
        "visibility.exception", "Split from", readonly=True, copy=False, index="btree_not_null", ondelete="set null"
    )
    split_ids = fields.One2many("visibility.exception", "split_from_id", "Split off", readonly=True)
    document_count = fields.Integer(compute="_compute_document_count", compute_sudo=True)
    # An order and its own delivery go together: there is something to split where there are two of a kind
    can_split = fields.Boolean(compute="_compute_document_count", compute_sudo=True)

    @api.depends("is_open", "picking_ids", "sale_order_ids", "purchase_order_ids", "invoice_ids")
    def _compute_document_count(self):
        for exception in self:
            counts = [len(exception[name]) for name in self._get_document_fields()]
            exception.document_count = sum(counts)
            exception.can_split = exception.is_open and max(counts) > 1

    @api.model
    def _get_fields_of_detect(self):
        return super()._get_fields_of_detect() | {"split_from_id", "split_ids"}

    # ------------------------------------------------------------------ splitting
    def _split(self, documents, owner=None, reason=None):
        """Take documents out of this exception into a new one.

        :param dict documents: field of an exception to the records that go
        :return: the new exception
        """
        self.ensure_one()
        self._check_may_work()
        mine = self.sudo()
        documents = {name: records.sudo() & mine[name] for name, records in documents.items() if records & mine[name]}
        self._check_split(documents)
        values = mine._prepare_split(mine._choose_subject(documents), documents, owner)
        part = mine.browse(mine.with_context(**self._get_quiet_context()).create(values).ids)
        commands = {
            name: [fields.Command.unlink(document) for document in records.ids] for name, records in documents.items()
        }
        mine.write(commands)
        part._on_opened()
        self._log_split(part, reason)
        return part.sudo(self.env.su)

    def _check_split(self, documents):
        if not self.is_open:
            raise UserError(self.env._("%s is closed: only open exceptions can be split.", self.name))
        if not documents:
            raise UserError(self.env._("Choose the documents that go to the new exception."))
        if sum(map(len, documents.values())) == self.document_count:
            raise UserError(self.env._("Leave at least one document where it is."))
        subject = self.sudo()._get_document()
        if any(subject in records for records in documents.values() if records._name == subject._name):
            raise UserError(
                self.env._("This exception is about %s itself: take out the others instead.", subject.display_name)
            )

    def _choose_subject(self, documents):
        """What the new exception is about: the first document that no open one of this category is about."""
        names = [name for name in self._get_document_fields() if name in documents]
        for name in names:
            records = documents[name]
            taken = self.search(
                [
                    ("category_id", "=", self.category_id.id),
                    ("res_model", "=", records._name),
                    ("res_id", "in", records.ids),
                    "|",
                    ("is_open", "=", True),
                    ("merged_into_id.is_open", "=", True),
                ]
            )
            free = records - records.browse(taken.mapped("res_id"))
            if free:
                return free[0].sudo()
        raise UserError(self.env._("Each of these documents has an open exception of this kind already."))

    def _prepare_split(self, subject, documents, owner):
        kept = ("severity", "is_unproven", "first_seen_at", "last_seen_at", "seen_count", "reason", "reason_code")
        more = ("responsible_party", "deadline")
        links = {name: [fields.Command.set(documents[name].ids)] for name in documents}
        return {
            **{name: self[name] for name in (*kept, *more)},
            "category_id": self.category_id.id,
            "company_id": self.company_id.id,
            "res_model": subject._name,
            "res_id": subject.id,
            "shipment_id": self.shipment_id.id,
            "event_id": self.event_id.id,
            "tag_ids": [fields.Command.set(self.tag_ids.ids)],
            "user_id": (owner or self.user_id).id,
            "partner_id": self._get_subject_links(subject).get("partner_id") or self.partner_id.id,
            "split_from_id": self.id,
            **links,
        }

    def _log_split(self, part, reason):
        author = {"author_id": self.env.user.partner_id.id}
        note = self.env._("Split off: %(part)s. %(reason)s", part=part.display_name, reason=reason or "").strip()
        self.sudo()._message_log(body=note, **author)
        origin = self.env._("Split from %(name)s. %(reason)s", name=self.display_name, reason=reason or "").strip()
        part._message_log(body=origin, **author)

    # ------------------------------------------------------------------ one cause
    def _see_again(self, facts):
        result = super()._see_again(facts)
        for part in self.split_ids.filtered(lambda one: not one.merged_into_id):
            part._see_again(facts)
        return result

    def _end(self, values):
        return super(VisibilityException, self | self._get_open_parts())._end(values)

    def _get_open_parts(self):
        return self.split_ids.filtered(lambda part: part.is_open)

    def _adapt_links(self, links):
        """A part keeps its documents, and the first one does not get them back while the part is open."""
        links = super()._adapt_links(links)
        if self.split_from_id:
            return {name: value for name, value in links.items() if name not in self._get_document_fields()}
        for name in self._get_document_fields():
            gone = set(self._get_open_parts()[name].ids)
            if gone and name in links:
                left = [document for command in links[name] for document in command[2] if document not in gone]
                links = {**links, name: [fields.Command.set(left)]}
        return links
