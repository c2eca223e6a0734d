from odoo import api, fields, models


class VisibilityException(models.Model):
    _inherit = "visibility.exception"

    @api.model
    def _follow_merge(self, gone, kept, with_history):
        """What is alive of merged documents is about the one that stays; of one kind it is one exception there."""
        about = self.search([("res_model", "=", gone._name), ("res_id", "in", gone.ids)])
        moving = about if with_history else about.filtered_domain(self._get_alive_domain())
        # First the links: what becomes part of another one brings its documents along
        self._follow_merged_links(gone, kept)
        for exception in moving.filtered("is_open").sorted("id"):
            exception._give_way_to_open(kept)
        moving.write({"res_id": kept.id})
        self.env.add_to_compute(self._fields["title"], moving)

    def _give_way_to_open(self, kept):
        """There is one open exception for (category, document): this one becomes part of it, or moves there now."""
        about = [("res_model", "=", kept._name), ("res_id", "=", kept.id), ("is_open", "=", True)]
        taken = self.search([("category_id", "=", self.category_id.id), *about])
        if not taken:
            self.write({"res_id": kept.id})
        elif taken.company_id == self.company_id:
            taken._merge(self, self.env._("%s was merged.", self._get_document().display_name))
        else:
            resolution = self.env._("Merged into %s, of whom this is known already.", kept.display_name)
            self._end({"state": "resolved", "resolution": resolution})

    @api.model
    def _follow_merged_links(self, gone, kept):
        """Exceptions that are alive and name a merged document name the one that stays."""
        for name in self._get_document_fields():
            if self._fields[name].comodel_name == gone._name:
                linked = self.search([(name, "in", gone.ids), *self._get_alive_domain()])
                commands = [fields.Command.unlink(one) for one in gone.ids]
                linked.write({name: [*commands, fields.Command.link(kept.id)]})
