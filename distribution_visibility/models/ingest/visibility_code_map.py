from odoo import api, fields, models, tools

from ...lib.ingest.code_map import Meaning

# A sender that makes codes up shall not fill the list that people work on.
MOST_UNMAPPED = 2_000


class VisibilityCodeMap(models.Model):
    """What one code of one provider's code list means in our vocabulary.

    Codes that came in and are not mapped yet are rows too, so that they can be counted and mapped.
    """

    _name = "visibility.code.map"
    _description = "Code map"
    _inherit = ["visibility.cached.mixin", "visibility.action.mixin"]
    _uncached_fields = frozenset({"seen_count", "last_seen_at"})
    _order = "needs_mapping desc, vocabulary, code"
    _rec_names_search = ["code", "name"]

    vocabulary = fields.Char("Code list", required=True, index=True, help="For example easypost.detail")
    code = fields.Char(required=True, help="Exactly as the provider writes it; codes are texts, 021 is not 21.")
    name = fields.Char("Meaning")
    milestone_id = fields.Many2one("visibility.milestone", index=True, ondelete="restrict")
    category_id = fields.Many2one("visibility.exception.category", "Exception", index=True, ondelete="restrict")
    responsible_party = fields.Selection("_selection_responsible_party", "Responsible")
    is_neutral = fields.Boolean(
        "Says nothing by itself", help="The next, coarser code of the same event is looked at instead."
    )
    active = fields.Boolean(default=True)
    needs_mapping = fields.Boolean(
        compute="_compute_needs_mapping",
        store=True,
        readonly=False,
        index=True,
        help="This code came in and nobody has said yet what it means.",
    )
    seen_count = fields.Integer("Times seen unmapped", readonly=True)
    last_seen_at = fields.Datetime("Last seen unmapped", readonly=True)

    _one_meaning = models.UniqueIndex("(vocabulary, code)", "This code of this code list is mapped already.")

    @api.model
    def _selection_responsible_party(self):
        return self.env["visibility.exception"]._fields["responsible_party"].selection

    @api.depends("milestone_id", "category_id", "is_neutral")
    def _compute_needs_mapping(self):
        for row in self:
            row.needs_mapping = row.needs_mapping and not (row.milestone_id or row.category_id or row.is_neutral)

    @api.model
    @tools.ormcache()
    def _get_meanings(self):
        """All meanings by (code list, code): a few hundred rows that change about never."""
        rows = self.search([("needs_mapping", "=", False)])
        return {
            (row.vocabulary, row.code): Meaning(
                row.milestone_id.code or "", row.category_id.code or "", row.responsible_party or "", row.is_neutral
            )
            for row in rows
        }

    @api.model
    def _note_unknown(self, codes):
        """Count codes that nobody mapped yet; ``codes`` maps (code list, code) to how often."""
        rows = self.with_context(active_test=False).search(
            [("vocabulary", "in", [key[0] for key in codes]), ("code", "in", [key[1] for key in codes])]
        )
        known = {(row.vocabulary, row.code): row for row in rows}
        now = fields.Datetime.now()
        room = MOST_UNMAPPED - self.search_count([("needs_mapping", "=", True)], limit=MOST_UNMAPPED)
        new = [(key, count) for key, count in codes.items() if key not in known]
        # Unmapped rows mean nothing, so no process has to forget the meanings that it keeps.
        self._create_uncached(
            [
                {"vocabulary": key[0], "code": key[1], "needs_mapping": True, "seen_count": count, "last_seen_at": now}
                for key, count in new[:room]
            ]
        )
        for key, count in codes.items():
            if key in known:
                known[key].write({"seen_count": known[key].seen_count + count, "last_seen_at": now})

    def action_reprocess(self):
        """Read again the events that came with these codes, now that they are mapped."""
        self.check_access("write")
        codes = {(row.vocabulary, row.code) for row in self}
        events = self.env["visibility.event"].search([("has_unknown_code", "=", True)])
        events = events.filtered(lambda event: codes & event._get_code_pairs())
        events._reinterpret()
        return self._say(self.env._("%s event(s) were read again.", len(events)), after="reload")
