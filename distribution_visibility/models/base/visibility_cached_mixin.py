from odoo import api, models


class VisibilityCachedMixin(models.AbstractModel):
    """Settings that every process keeps in memory: any change makes all of them forget."""

    _name = "visibility.cached.mixin"
    _description = "Cached settings"

    #: Fields whose change does not matter to what is kept in memory.
    _uncached_fields = frozenset()

    @api.model_create_multi
    def create(self, vals_list):
        if vals_list:
            self.env.registry.clear_cache()
        return super().create(vals_list)

    @api.model
    def _create_uncached(self, vals_list):
        """Create rows that do not matter to what is kept in memory."""
        return super().create(vals_list)

    def write(self, vals):
        if vals.keys() - self._uncached_fields:
            self.env.registry.clear_cache()
        return super().write(vals)

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()
