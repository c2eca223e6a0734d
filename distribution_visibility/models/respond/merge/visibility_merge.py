from odoo import api, models


class VisibilityMerge(models.AbstractModel):
    """Several records of Odoo's became one: what we keep about those that go, goes along to the one that stays.

    Whoever merges records of a further model calls :meth:`_take_along` before the others are gone.
    """

    _name = "visibility.merge"
    _description = "Merged records"

    @api.model
    def _take_along(self, gone, kept, with_history=False):
        """Seam: what moves from merged records to the one that stays, in this order. What was done and sealed stays.

        :param gone: records that are archived, cancelled or deleted next
        :param kept: the one record of the same model that goes on
        :param with_history: what is over goes along, too: they are deleted, and nothing could show it any more
        """
        gone, kept = (gone - kept).sudo(), kept.sudo()
        if gone and kept:
            self.env["visibility.exception"].sudo()._follow_merge(gone, kept, with_history)
            self.env["visibility.message"].sudo()._follow_merge(gone, kept)
            self.env["visibility.override"].sudo()._follow_merge(gone, kept)
            self.env.flush_all()
