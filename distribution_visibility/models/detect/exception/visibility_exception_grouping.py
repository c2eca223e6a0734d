from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import html_escape

from .visibility_exception import OPEN_STATES, SEVERITY_RANK


class VisibilityException(models.Model):
    """Several exceptions of one cause, worked as one.

    Those that were merged are closed and name their target. What is heard of them counts on the target, which stays
    open until the causes of all of them are gone.
    """

    _inherit = "visibility.exception"

    merged_into_id = fields.Many2one(
        "visibility.exception", "Merged into", readonly=True, copy=False, index="btree_not_null", ondelete="set null"
    )
    merged_ids = fields.One2many("visibility.exception", "merged_into_id", "Merged into this one", readonly=True)
    merged_count = fields.Integer(compute="_compute_merged_count", compute_sudo=True)
    cause_ended_at = fields.Datetime(
        "Own cause ended",
        readonly=True,
        copy=False,
        help="What opened this one is over; it stays open for the others that were merged with it.",
    )
    cause_ended_event_id = fields.Many2one("visibility.event", readonly=True, copy=False, ondelete="set null")

    _by_ended_cause = models.Index("(category_id, res_model, res_id) WHERE cause_ended_at IS NOT NULL")

    @api.depends("merged_ids")
    def _compute_merged_count(self):
        for exception in self:
            exception.merged_count = len(exception.merged_ids)

    @api.model
    def _get_fields_of_detect(self):
        own = {"merged_into_id", "merged_ids", "cause_ended_at", "cause_ended_event_id"}
        return super()._get_fields_of_detect() | own

    def write(self, vals):
        if vals.get("state") in OPEN_STATES and "merged_into_id" not in vals:
            self._check_not_merged()
        return super().write(vals)

    def _check_not_merged(self):
        for exception in self.filtered("merged_into_id"):
            raise UserError(
                self.env._(
                    "%(exception)s was merged into %(target)s: work on that one, or take it out again.",
                    exception=exception.name,
                    target=exception.merged_into_id.name,
                )
            )

    # ------------------------------------------------------------------ merging
    def _merge(self, others, reason=None):
        """Make other open exceptions part of this one: all of them or none.

        Documents, tags, counts and the worst severity come over; the others are closed and name this one.
        """
        self.ensure_one()
        others -= self
        (self | others)._check_may_work()
        self._check_merge(others)
        target = self.sudo()
        target.write(target._prepare_merge(others.sudo()))
        others.sudo().merged_ids.write({"merged_into_id": target.id})
        sentence = self.env._("Merged into %(target)s. %(reason)s", target=target.name, reason=reason or "").strip()
        others.sudo().write(self._prepare_merged(target, sentence))
        self._log_merge(others, reason)
        return others

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
        one.write({"merged_into_id": False, "state": "new", "cause_ended_at": False, "cause_ended_event_id": False})
        note = self.env._("%s was taken out again.", one.title)
        target._message_log(body=note, author_id=self.env.user.partner_id.id)

    def _prepare_unmerge(self, one):
        """The documents of the one that goes, unless this one or another merged one is about them, too."""
        own = self._get_subject_links(self._get_document().exists() or self.shipment_id)
        values = {"seen_count": max(self.seen_count - one.seen_count, 1)}
        for name in self._get_document_fields():
            kept = set((self.merged_ids - one)[name].ids).union(*(command[2] for command in own.get(name, ())))
            values[name] = [fields.Command.unlink(document) for document in one[name].ids if document not in kept]
        return values

    # ------------------------------------------------------------------ what is heard of merged ones
    @api.model
    def _find_existing(self, findings):
        """What was merged is the target, wherever it is found."""
        found = super()._find_existing(findings)
        return {key: exception.merged_into_id or exception for key, exception in found.items()}

    @api.model
    def _open_findings(self, findings):
        self._note_causes_are_back(findings)
        return super()._open_findings(findings)

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
    def _prove(self, events):
        result = super()._prove(events)
        proven = [("merged_ids.is_unproven", "=", False), ("is_unproven", "=", True), ("is_open", "=", True)]
        for target in self.search(proven):
            worst = max((target | target.merged_ids).category_id.mapped("severity"), key=SEVERITY_RANK.get)
            target.write({"is_unproven": False, "severity": worst})
        return result

    def _adapt_links(self, links):
        links = super()._adapt_links(links)
        for name in self._get_document_fields():
            merged = self.merged_ids[name].ids
            if merged and name in links:
                known = [document for command in links[name] for document in command[2]]
                links = {**links, name: [fields.Command.set(sorted({*known, *merged}))]}
        return links

    # ------------------------------------------------------------------ how it ends
    @api.model
    def _get_alive_domain(self):
        merged = ["&", ("merged_into_id.is_open", "=", True), ("cause_ended_at", "=", False)]
        return ["|", *super()._get_alive_domain(), *merged]

    def _end(self, values):
        """A target ends with the last cause of all that are in it."""
        merged = self.filtered("merged_into_id")
        merged._note_cause_ended(values)
        rest = self - merged
        waiting = rest.filtered(lambda one: one.merged_ids.filtered(lambda part: not part.cause_ended_at))
        waiting._note_cause_ended(values)
        over = merged.merged_into_id.filtered(lambda one: one.is_open and one._is_every_cause_ended())
        return super(VisibilityException, (rest - waiting) | over)._end(values)

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
        return all((self | self.merged_ids).mapped("cause_ended_at"))

    def _on_reopened(self):
        result = super()._on_reopened()
        self.filtered("cause_ended_at").sudo().write({"cause_ended_at": False, "cause_ended_event_id": False})
        return result

    @api.model
    def _follow_withdrawal(self, events):
        """Facts that had ended a part of a merged exception did not happen: that part is back."""
        ended = self.search([("cause_ended_event_id", "in", events.ids)])
        ended.write({"cause_ended_at": False, "cause_ended_event_id": False})
        ended.merged_into_id.filtered(lambda one: one.state == "resolved" and not one.closed_by_id)._reopen()
        return super()._follow_withdrawal(events)
