"""What is new in rows that an administrator may have changed, and that an upgrade leaves alone otherwise.

The rule about the rest of an order looks at when it was due, in working days: where nobody changed it, it does so from
now on. And more kinds of exceptions explain why something else is late.
"""

from odoo.tools import sql

RULE = "rule_receipt_incomplete"
OLD = '[("state", "=", "purchase"), ("receipt_status", "=", "partial")]'
NEW = '[("state", "=", "purchase"), ("receipt_status", "=", "partial"), ("visibility_rest_waits_days", ">=", 3)]'
EXPLAINING = (
    "backorder", "order_incomplete", "credit_hold", "asn_overdue", "supplier_reject_or_backorder",
    "supplier_change_proposed", "receipt_overdue", "receipt_incomplete",
)  # fmt: skip


def migrate(cr, version):
    """Only what is still as it was shipped."""
    if sql.column_exists(cr, "visibility_rule", "age_hours"):
        cr.execute(
            """
            UPDATE visibility_rule SET domain = %s, age_field_id = NULL, age_field_name = NULL, age_hours = 0
             WHERE domain = %s AND age_hours = 72 AND id IN (
                SELECT res_id FROM ir_model_data WHERE module = 'distribution_visibility' AND name = %s
             )
            """,
            (NEW, OLD, RULE),
        )
    if sql.column_exists(cr, "visibility_exception_category", "explains_lateness"):
        cr.execute("UPDATE visibility_exception_category SET explains_lateness = TRUE WHERE code IN %s", (EXPLAINING,))
