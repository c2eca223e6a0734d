from odoo import api, fields, models
from odoo.tools import SQL, split_every

from ....lib.respond.brief.brief import fingerprint

BATCH = 500


class VisibilityBrief(models.Model):
    """How briefs are written: when somebody asks, many at once, and never twice for the same facts."""

    _inherit = "visibility.brief"

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
        for ids in split_every(BATCH, exceptions.ids):
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
