from odoo import api, models


class ResourceCalendar(models.Model):
    """Working hours are kept in memory for due times: any change makes all processes forget them."""

    _name = "resource.calendar"
    _inherit = ["resource.calendar", "visibility.cached.mixin"]


class ResourceCalendarAttendance(models.Model):
    _name = "resource.calendar.attendance"
    _inherit = ["resource.calendar.attendance", "visibility.cached.mixin"]


class ResourceCalendarLeaves(models.Model):
    """Holidays matter to due times; the leave of one person does not."""

    _inherit = "resource.calendar.leaves"

    @api.model_create_multi
    def create(self, vals_list):
        leaves = super().create(vals_list)
        leaves._forget_working_time()
        return leaves

    def write(self, vals):
        self._forget_working_time()
        result = super().write(vals)
        self._forget_working_time()
        return result

    def unlink(self):
        self._forget_working_time()
        return super().unlink()

    def _forget_working_time(self):
        if any(not leave.resource_id for leave in self):
            self.env.registry.clear_cache()
