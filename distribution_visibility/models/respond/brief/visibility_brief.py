from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, split_every

from ....lib.respond.brief.brief import fingerprint

STATES = [("new", "New"), ("used", "Used"), ("edited", "Edited"), ("set_aside", "Set aside")]
BRIEFS_A_BATCH = 500


class VisibilityBrief(models.Model):
    """What is known about an exception and what can be done, with its sources, who wrote it, and what a person
    did with it. It advises: nothing reads it in order to act."""

    _name = "visibility.brief"
    _description = "Brief"
    _inherit = ["visibility.evidence.mixin", "visibility.action.mixin"]
    _order = "id desc"
    _visibility_watched = ("state",)

    exception_id = fields.Many2one(
        "visibility.exception", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="exception_id.company_id", store=True, index=True, precompute=True)
    partner_id = fields.Many2one(related="exception_id.partner_id")
    severity = fields.Selection(related="exception_id.severity")
    exception_state = fields.Selection(related="exception_id.state", string="Exception is")
    may_work = fields.Boolean(related="exception_id.may_work", related_sudo=False)
    version = fields.Integer(required=True, readonly=True, default=1)
    is_current = fields.Boolean("Latest", readonly=True, default=True, help="No newer version has been written.")
    provider = fields.Selection(
        [("facts", "Facts of the database")],
        "Written by",
        required=True,
        readonly=True,
        default="facts",
        help="Who put it into words. Whoever it was: compare it with its sources.",
    )
    as_of = fields.Datetime("As of", required=True, readonly=True, default=fields.Datetime.now)
    content = fields.Json("What is known", readonly=True, prefetch=False)
    fingerprint = fields.Char(readonly=True)
    draft = fields.Html("As it was written", readonly=True, help="The words of a provider that writes in words.")
    text = fields.Html("As it was edited", help="What a person made of it.")

    body = fields.Html("Brief", compute="_compute_body", sanitize=False)
    sources = fields.Html(compute="_compute_sources", sanitize=False)
    summary = fields.Char(compute="_compute_summary")
    is_outdated = fields.Boolean("Outdated", compute="_compute_is_outdated", help="The facts have changed since.")

    state = fields.Selection(
        STATES, "What became of it", required=True, readonly=True, default="new", index=True
    )
    decided_by_id = fields.Many2one("res.users", "By", readonly=True)
    decided_at = fields.Datetime("On", readonly=True)

    _one_current = models.UniqueIndex(
        "(exception_id, provider) WHERE is_current", "This brief has been written just now: please try again."
    )

    @api.depends("exception_id.name", "version")
    def _compute_display_name(self):
        for brief in self:
            brief.display_name = self.env._(
                "Brief %(exception)s, version %(version)s", exception=brief.exception_id.name, version=brief.version
            )

    def _compute_is_outdated(self):
        """Asked of the database anew: only where a form shows it."""
        current = self.sudo().filtered("is_current")
        contents = self.env["visibility.brief.facts"]._get_contents(current.exception_id)
        for brief in self:
            now = contents.get(brief.exception_id) if brief in current else None
            brief.is_outdated = not brief.is_current or bool(now and fingerprint(now) != brief.sudo().fingerprint)

    # ------------------------------------------------------------------ what a person does with it
    def write(self, vals):
        if not self.env.su:
            if vals.keys() - {"text"}:
                raise AccessError(self.env._("What a brief says follows from its facts: edit its text, or refresh it."))
            self.exception_id._check_may_work()
            vals = {**vals, **self._prepare_mark("edited" if vals.get("text") else "new")}
        return super().write(vals)

    def _prepare_mark(self, state):
        is_touched = state != "new"
        return {
            "state": state,
            "decided_by_id": is_touched and self.env.uid,
            "decided_at": is_touched and fields.Datetime.now(),
        }

    def _mark(self, state):
        """Note what a person did with these briefs. What was edited stays edited when it is used."""
        marked = self.filtered(lambda brief: brief.state != state and (state, brief.state) != ("used", "edited"))
        marked.sudo().write(marked._prepare_mark(state))

    def _undo_creation(self):
        self._mark("set_aside")

    def action_use(self):
        """I worked with it."""
        self.exception_id._check_may_work()
        self._mark("used")

    def action_set_aside(self):
        """It is of no use here."""
        self.exception_id._check_may_work()
        self._mark("set_aside")

    def action_edit(self):
        """Make its words editable."""
        self.exception_id._check_may_work()
        for brief in self.filtered(lambda one: not one.text):
            brief.sudo().write({"text": brief.body, **brief._prepare_mark("edited")})

    def action_refresh(self):
        """Look at the facts again: a new version where they changed, a short answer where they did not."""
        self.ensure_one()
        self.exception_id.check_access("read")
        latest = self._write_briefs(self.exception_id, self.provider).sudo(False)
        if latest == self:
            moment = self._say_moment(fields.Datetime.to_string(self.as_of))
            return self._say(self.env._("Nothing has changed since %s.", moment), "info", after="reload")
        return latest._get_own_action()

    def action_open_exception(self):
        self.ensure_one()
        return self._open_action("distribution_visibility.visibility_exception_action", self.exception_id)

    def _get_own_action(self):
        return self._open_action("distribution_visibility.visibility_brief_action", self)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        if any(brief.state != "new" for brief in self):
            raise UserError(self.env._("Somebody worked with this brief: it stays."))

    # ------------------------------------------------------------------ how briefs are written
    @api.model
    def _get_brief_provider(self):
        """Seam: who puts new briefs into words. ``facts`` needs nobody: its words are made from the facts.

        An add-on that writes in words adds its name to ``provider`` and extends :meth:`_get_drafts`.
        """
        return "facts"

    @api.model
    def _get_drafts(self, provider, contents):
        """Seam: the words (HTML) of a provider, by exception; none for ``facts``. Called once a batch.

        What it gives is advice. It stands beside its sources until a person uses, edits or sets it aside.

        :param dict contents: exception to what is known, as :meth:`visibility.brief.facts._get_contents` gave it
        """
        return {}

    @api.model
    def _write_briefs(self, exceptions, provider=None):
        """The latest brief of each exception, written anew where there is none or the facts have changed.

        It checks no rights: whoever calls it does.

        :return: the briefs, old and new, as superuser, in the order of the exceptions
        """
        provider = provider or self._get_brief_provider()
        briefs = self.sudo().browse()
        for ids in split_every(BRIEFS_A_BATCH, exceptions.ids):
            briefs |= self.sudo()._write_batch(self.env["visibility.exception"].sudo().browse(ids), provider)
        return briefs

    @api.model
    def _write_batch(self, exceptions, provider):
        self._wait_for_other_writers(exceptions)
        contents = self.env["visibility.brief.facts"]._get_contents(exceptions)
        latest = {brief.exception_id: brief for brief in self._find_current(exceptions, provider)}
        changed = {
            exception: content
            for exception, content in contents.items()
            if exception not in latest or latest[exception].fingerprint != fingerprint(content)
        }
        if changed:
            drafts = self._get_drafts(provider, changed)
            self.union(*(latest[exception] for exception in changed if exception in latest)).is_current = False
            self.flush_model(["is_current"])
            new = self.create(
                [
                    self._prepare_brief(exception, provider, content, latest.get(exception), drafts.get(exception))
                    for exception, content in changed.items()
                ]
            )
            latest.update({brief.exception_id: brief for brief in new})
        return self.union(*(latest[exception] for exception in exceptions))

    @api.model
    def _find_current(self, exceptions, provider):
        return self.search(
            [("exception_id", "in", exceptions.ids), ("provider", "=", provider), ("is_current", "=", True)]
        )

    @api.model
    def _wait_for_other_writers(self, exceptions):
        """One after the other: who comes second is run again by Odoo, and then sees the first one's brief."""
        exceptions.flush_recordset()
        self.env.execute_query(
            SQL("SELECT id FROM visibility_exception WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", exceptions.ids)
        )

    @api.model
    def _prepare_brief(self, exception, provider, content, before, draft):
        return {
            "exception_id": exception.id,
            "version": before.version + 1 if before else 1,
            "provider": provider,
            "as_of": fields.Datetime.now(),
            "content": content,
            "fingerprint": fingerprint(content),
            "draft": draft,
        }
