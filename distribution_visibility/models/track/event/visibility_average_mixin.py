from odoo import models
from odoo.orm.models import parse_read_group_spec
from odoo.tools import SQL

AVERAGED = ("avg", "min", "max")


class VisibilityAverageMixin(models.AbstractModel):
    """Averages do not count what is not there: what is open took no hours yet, and that is not 0 hours.

    A number says what it is worked out of: ``fields.Float(aggregator="avg", averaged_over="closed_at")`` is averaged
    over the records that have a ``closed_at``, wherever Odoo groups: lists, pivots, graphs, dashboards.
    """

    _name = "visibility.average.mixin"
    _description = "Record with numbers that may not be there yet"

    def _valid_field_parameter(self, field, name):
        return name == "averaged_over" or super()._valid_field_parameter(field, name)

    def _read_group_select(self, aggregate_spec, query):
        name, _property, aggregate = parse_read_group_spec(aggregate_spec)
        over = getattr(self._fields.get(name), "averaged_over", None)
        if aggregate not in AVERAGED or not over:
            return super()._read_group_select(aggregate_spec, query)
        number, reason = (self._field_to_sql(self._table, one, query) for one in (name, over))
        return SQL("%s(%s) FILTER (WHERE %s IS NOT NULL)", SQL.identifier(aggregate), number, reason)
