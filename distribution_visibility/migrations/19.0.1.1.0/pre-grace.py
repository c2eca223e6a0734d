"""Until now the grace stood in the due time. From now on the due time is without it, and the scan goes by another one.

Filled before the model is loaded: the column is required, and the scan must find every open row. Rows do not know the
grace that they were made with: that of their template today is taken, which is another one only where somebody
changed it since and did not apply it.
"""

from odoo.tools import sql

EXPECTATION = "visibility_expectation"


def migrate(cr, version):
    """Keep from when on somebody is told of each expectation, and take the grace out of its due time."""
    if not sql.table_exists(cr, EXPECTATION) or sql.column_exists(cr, EXPECTATION, "tell_at"):
        return
    sql.create_column(cr, EXPECTATION, "tell_at", "timestamp")
    cr.execute(
        """
        UPDATE visibility_expectation row
           SET tell_at = row.due_at,
               due_at = row.due_at - COALESCE(template.grace_hours, 0) * interval '1 hour',
               late_hours = CASE
                   WHEN row.state = 'met' AND COALESCE(template.grace_hours, 0) > 0
                   THEN GREATEST(
                       EXTRACT(EPOCH FROM row.met_at - row.due_at) / 3600 + template.grace_hours, 0)
                   ELSE row.late_hours
               END
          FROM visibility_expectation_template template
         WHERE template.id = row.template_id
        """
    )
