from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import html_escape

from ...base.quiet import QUIET
from .visibility_exception import OPEN_STATES, SEVERITY_RANK

#: Part of no other exception any more
ALONE = {"merged_into_id": False, "is_consequence": False, "cause_ended_at": False, "cause_ended_event_id": False}


class VisibilityException(models.Model):
    """Several exceptions of one cause worked as one, and one whose documents go several ways.

    Those that were merged are closed and name their target. What is heard of them counts on the target, which stays
    open until the causes of all of them are gone. There may be one open exception for (category, document), so what is
    split off is about one of the documents that go. It shares the cause: what is heard of the first counts on both, and
    both end with the cause.
    """

    _inherit = "visibility.exception"  # pylint: disable=consider-merging-classes-inherited

    merged_into_id = fields.Many2one(
        "visibility.exception",
        "Merged into",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        written_by="detect",
    )
    merged_ids = fields.One2many(
        "visibility.exception", "merged_into_id", "Merged into this one", readonly=True, written_by="detect"
    )
    joined_ids = fields.One2many(
        "visibility.exception",
        "merged_into_id",
        "Merged by people",
        domain=[("is_consequence", "=", False)],
        readonly=True,
        written_by="detect",
    )
    merged_count = fields.Integer(compute="_compute_merged_count", compute_sudo=True)
    cause_ended_at = fields.Datetime(
        "Own cause ended",
        readonly=True,
        copy=False,
        help="What opened this one is over; it stays open for the others that were merged with it.",
        written_by="detect",
    )
    cause_ended_event_id = fields.Many2one(
        "visibility.event", readonly=True, copy=False, ondelete="set null", written_by="detect"
    )

    split_from_id = fields.Many2one(
        "visibility.exception",
        "Split from",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        written_by="detect",
    )
    split_ids = fields.One2many(
        "visibility.exception", "split_from_id", "Split off", readonly=True, written_by="detect"
    )
    document_count = fields.Integer(compute="_compute_document_count", compute_sudo=True)
    # An order and its own delivery go together: there is something to split where there are two of a kind
    can_split = fields.Boolean(compute="_compute_document_count", compute_sudo=True)

    _by_ended_cause = models.Index("(category_id, res_model, res_id) WHERE cause_ended_at IS NOT NULL")

    @api.depends("joined_ids")
    def _compute_merged_count(self):
        for exception in self:
            exception.merged_count = len(exception.joined_ids)

    @api.depends("is_open", "picking_ids", "sale_order_ids", "purchase_order_ids", "invoice_ids")
    def _compute_document_count(self):
        for exception in self:
            counts = [len(exception[name]) for name in self._get_document_fields()]
            exception.document_count = sum(counts)
            exception.can_split = exception.is_open and max(counts) > 1

    # ------------------------------------------------------------------ merging
    def _merge(self, others, reason=None):
        """Make other open exceptions part of this one: all of them or none.

        Documents, tags, counts and the worst severity come over; the others are closed and name this one.
        """
        self.ensure_one()
        others -= self
        (self | others)._check_may_work()
        self._check_merge(others)
        decided = others._end_overrides_of_merged(self)
        self.sudo()._take_in(others.sudo(), reason)
        self._log_merge(others, reason)
        self._keep_decided(decided)
        return others

    def _take_in(self, others, reason):
        self.write(self._prepare_merge(others))
        others.merged_ids.write({"merged_into_id": self.id})
        sentence = self.env._("Merged into %(target)s. %(reason)s", target=self.name, reason=reason or "").strip()
        others.write(self._prepare_merged(self, sentence))

    def _check_not_merged(self, vals):
        is_opening = vals.get("state") in OPEN_STATES and "merged_into_id" not in vals
        for exception in self.filtered("merged_into_id") if is_opening else ():
            raise UserError(
                self.env._(
                    "%(exception)s was merged into %(target)s: work on that one, or take it out again.",
                    exception=exception.name,
                    target=exception.merged_into_id.name,
                )
            )

    def _check_merge(self, others):
        if not others:
            raise UserError(self.env._("Choose at least two exceptions to merge."))
        closed = (self | others).filtered(lambda exception: not exception.is_open)
        if closed:
            raise UserError(
                self.env._("%s is closed: only open exceptions can be merged.", ", ".join(closed.mapped("name")))
            )
        if len((self | others).company_id) > 1:
            raise UserError(self.env._("These belong to several companies: nothing was changed."))

    def _prepare_merge(self, others):
        every = self | others
        documents = {
            name: [fields.Command.link(document) for document in (others[name] - self[name]).ids]
            for name in self._get_document_fields()
        }
        return {
            **{name: commands for name, commands in documents.items() if commands},
            "tag_ids": [fields.Command.link(tag) for tag in (others.tag_ids - self.tag_ids).ids],
            "seen_count": sum(every.mapped("seen_count")),
            "first_seen_at": min(every.mapped("first_seen_at")),
            "last_seen_at": max(every.mapped("last_seen_at")),
            "severity": max(every.mapped("severity"), key=SEVERITY_RANK.get),
            "deadline": min(filter(None, every.mapped("deadline")), default=False),
            "is_unproven": all(every.mapped("is_unproven")),
        }

    @api.model
    def _prepare_merged(self, target, sentence):
        # Dismissed, not resolved: nothing was solved, and rules that still find it let it rest
        return {
            "state": "dismissed",
            "resolution": sentence,
            "merged_into_id": target.id,
            "closed_by_id": self.env.uid,
        }

    def _log_merge(self, others, reason):
        author = {"author_id": self.env.user.partner_id.id}
        names = ", ".join(others.mapped("title"))
        note = self.env._("Merged into this one: %(names)s. %(reason)s", names=names, reason=reason or "").strip()
        self.sudo()._message_log(body=note, **author)
        link = self.env._("Merged into %s.", self._get_html_link(title=html_escape(self.name)))
        others.sudo()._message_log_batch(dict.fromkeys(others.ids, link), **author)

    def action_unmerge(self):
        """Take this one out again: it is open as before, and the documents that only it had come along."""
        self.ensure_one()
        target = self.merged_into_id
        if not target:
            raise UserError(self.env._("%s was not merged into another one.", self.name))
        (self | target)._check_may_work()
        one, target = self.sudo(), target.sudo()
        target.write(target._prepare_unmerge(one))
        one.write({"state": "new", **ALONE})
        note = self.env._("%s was taken out again.", one.title)
        target._message_log(body=note, author_id=self.env.user.partner_id.id)

    def _prepare_unmerge(self, one):
        """The documents of the one that goes, unless this one or another merged one is about them, too."""
        own = self._get_subject_links(self._get_document().exists() or self.shipment_id)
        others = (self.merged_ids - one).filtered(lambda other: not (other.is_consequence and other.cause_ended_at))
        values = {"seen_count": max(self.seen_count - (0 if one.is_consequence else one.seen_count), 1)}
        for name in self._get_document_fields():
            kept = set(others[name].ids).union(*(command[2] for command in own.get(name, ())))
            values[name] = [fields.Command.unlink(document) for document in one[name].ids if document not in kept]
        return values

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
        part = mine.browse(mine.with_context(**QUIET).create(values).ids)
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
        kept = ("severity", "is_unproven", "first_seen_at", "last_seen_at", "seen_count")
        more = ("responsible_party", "deadline", "told_at")
        links = {name: [fields.Command.set(documents[name].ids)] for name in documents}
        return {
            **{name: self[name] for name in (*kept, *more)},
            **self._prepare_same_reason(),
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

    # ------------------------------------------------------------------ what is heard of them
    @api.model
    def _get_alive_domain(self):
        """Seam: exceptions whose cause, as far as we know, is still there: open ones, and parts of open ones."""
        merged = ["&", ("merged_into_id.is_open", "=", True), ("cause_ended_at", "=", False)]
        return ["|", ("is_open", "=", True), *merged]

    @api.model
    def _note_causes_are_back(self, findings):
        keys = {(category.id, subject._name, subject.id) for category, subject in findings}
        ended = self.search(
            [
                ("cause_ended_at", "!=", False),
                ("category_id", "in", list({key[0] for key in keys})),
                ("res_id", "in", list({key[2] for key in keys})),
            ]
        )
        back = ended.filtered(lambda one: (one.category_id.id, one.res_model, one.res_id) in keys)
        back.write({"cause_ended_at": False, "cause_ended_event_id": False})

    @api.model
    def _prove_targets(self):
        """What was merged counts in full: so does its target, as severely as the worst of all kinds in it."""
        proven = [("merged_ids.is_unproven", "=", False), ("is_unproven", "=", True), ("is_open", "=", True)]
        for target in self.search(proven):
            worst = max((target | target.merged_ids).category_id.mapped("severity"), key=SEVERITY_RANK.get)
            target.write({"is_unproven": False, "severity": worst})

    @api.model
    def _bring_back_parts(self, events):
        """Facts that had ended a part of a merged exception did not happen: that part is back."""
        ended = self.search([("cause_ended_event_id", "in", events.ids)])
        ended.write({"cause_ended_at": False, "cause_ended_event_id": False})
        followed = ended.filtered("is_consequence")
        targets = (ended - followed).merged_into_id
        targets.filtered(lambda one: one.state == "resolved" and not one.closed_by_id)._reopen()
        followed.merged_into_id.filtered(lambda one: one.closed_by_event_id not in events)._release_consequences()

    # ------------------------------------------------------------------ which documents
    def _adapt_links(self, links):
        """Seam: which of the documents of its shipment an exception is about.

        :param dict links: values of the fields that hold documents, each one ``Command.set``
        """
        return self._leave_to_parts(self._add_merged(links))

    def _add_merged(self, links):
        for name in self._get_document_fields():
            merged = self.merged_ids.filtered(lambda one: not (one.is_consequence and one.cause_ended_at))[name].ids
            if merged and name in links:
                known = [document for command in links[name] for document in command[2]]
                links = {**links, name: [fields.Command.set(sorted({*known, *merged}))]}
        return links

    def _leave_to_parts(self, links):
        """A part keeps its documents, and the first one does not get them back while the part is open."""
        if self.split_from_id:
            return {name: value for name, value in links.items() if name not in self._get_document_fields()}
        for name in self._get_document_fields():
            gone = set(self._get_open_parts()[name].ids)
            if gone and name in links:
                left = [document for command in links[name] for document in command[2] if document not in gone]
                links = {**links, name: [fields.Command.set(left)]}
        return links

    # ------------------------------------------------------------------ how they end
    def _get_open_parts(self):
        return self.split_ids.filtered(lambda part: part.is_open)

    def _note_ended_causes(self, values):
        """A target ends with the last cause of all that are in it; gives those that end now."""
        merged = self.filtered("merged_into_id")
        merged._note_cause_ended(values)
        merged._leave_cause()
        rest = self - merged
        waiting = rest.filtered(lambda one: one._get_joined().filtered(lambda part: not part.cause_ended_at))
        waiting._note_cause_ended(values)
        over = merged.merged_into_id.filtered(lambda one: one.is_open and one._is_every_cause_ended())
        return (rest - waiting) | over

    def _note_cause_ended(self, values):
        if not self:
            return
        ended = {"cause_ended_at": fields.Datetime.now(), "cause_ended_event_id": values.get("closed_by_event_id")}
        self.write(ended)
        bodies = {}
        for one in self:
            note = self.env._("%(title)s is over. %(how)s", title=one.title, how=values.get("resolution") or "")
            bodies.setdefault((one.merged_into_id or one).id, []).append(note.strip())
        targets = self.browse(bodies)
        targets.sudo()._message_log_batch({one.id: " ".join(bodies[one.id]) for one in targets})

    def _is_every_cause_ended(self):
        return all((self | self._get_joined()).mapped("cause_ended_at"))

    def _get_joined(self):
        """What people merged into these: unlike what only follows from them, it keeps them open."""
        return self.merged_ids.filtered(lambda one: not one.is_consequence)

    def _leave_cause(self):
        """What followed is over: its documents are no concern of the cause any more."""
        followed = self.filtered(lambda one: one.is_consequence and one.merged_into_id.is_open)
        followed._note_messages("cleared", "ended")
        for part in followed:
            cause = part.merged_into_id.sudo()
            values = {name: commands for name, commands in cause._prepare_unmerge(part).items() if commands}
            if values.keys() - {"seen_count"}:
                cause.write(values)

    def _reopen(self):
        """Back to work: what followed from another one is one of its own from now on."""
        for is_consequence, exceptions in self.grouped("is_consequence").items():
            exceptions.write({"state": "new", **(ALONE if is_consequence else {})})

    def _forget_ended_causes(self):
        self.filtered("cause_ended_at").sudo().write({"cause_ended_at": False, "cause_ended_event_id": False})
