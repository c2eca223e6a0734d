"""What goes straight from a supplier to a customer is expected to be delivered and invoiced, too.

Shipped templates that nobody has changed look at where the goods go from now on; Odoo itself leaves them alone.
"""

MODULE = "distribution_visibility"
LEAVES = "('sale_id', '!=', False), ('picking_type_code', '=', 'outgoing'), ('return_id', '=', False)"
GOES_TO_CUSTOMER = (
    "'|', ('picking_type_code', '=', 'outgoing'), ('location_dest_id.usage', '=', 'customer'), "
    "('sale_id', '!=', False), ('return_id', '=', False)"
)
NUMBER = ", ('carrier_tracking_ref', '!=', False)"
#: External id of a template: the condition that stood there, and the one of today.
CHANGES = {
    "expectation_delivered": (f"[{LEAVES}{NUMBER}]", f"[{GOES_TO_CUSTOMER}{NUMBER}]"),
    "expectation_invoiced": (f"[{LEAVES}]", f"[{GOES_TO_CUSTOMER}]"),
}


def migrate(cr, version):
    """Give shipped templates that are as they were the conditions of today."""
    for name, (before, now) in CHANGES.items():
        cr.execute(
            "UPDATE visibility_expectation_template SET domain = %s WHERE domain = %s AND id = ("
            "SELECT res_id FROM ir_model_data WHERE module = %s AND name = %s)",
            (now, before, MODULE, name),
        )
