"""Where goods leave in several steps, the step that is open stands for the delivery.

Shipped templates and rules that nobody has changed look for it from now on; Odoo itself leaves them alone.
"""

MODULE = "distribution_visibility"
OPEN = '("state", "in", ["waiting", "confirmed", "assigned"]), '
#: Table, external id and column: what stood there, and what stands there now.
CHANGES = {
    ("visibility_expectation_template", "expectation_delivery_reserved", "domain"): (
        "[('picking_type_code', '=', 'outgoing'), ('return_id', '=', False)]",
        "[('visibility_is_delivery', '=', True), ('purchase_id', '=', False), ('return_id', '=', False)]",
    ),
    ("visibility_expectation_template", "expectation_delivery_sla", "domain"): (
        "[('sale_id', '!=', False), ('picking_type_code', '=', 'outgoing'), ('return_id', '=', False)]",
        "[('sale_id', '!=', False), ('visibility_is_delivery', '=', True), ('purchase_id', '=', False), "
        "('return_id', '=', False)]",
    ),
    ("visibility_expectation_template", "expectation_order_shipped", "domain"): (
        "[('picking_ids.picking_type_code', '=', 'outgoing')]",
        "[('order_line', 'any', [('qty_delivered_method', '=', 'stock_move'), ('product_uom_qty', '>', 0)])]",
    ),
    ("visibility_rule", "rule_backorder", "domain"): (
        f'[("backorder_id", "!=", False), {OPEN}("picking_type_id.code", "=", "outgoing")]',
        f'[("backorder_id.state", "=", "done"), {OPEN}("visibility_is_delivery", "=", True)]',
    ),
    ("visibility_rule", "rule_allocation_lost", "domain"): (
        f'[("visibility_allocation_lost", "=", True), {OPEN}("picking_type_id.code", "=", "outgoing")]',
        f'[("visibility_allocation_lost", "=", True), {OPEN}("visibility_is_delivery", "=", True)]',
    ),
    ("visibility_rule", "rule_priority_changed", "domain"): (
        '[("visibility_moved_at", "!=", False), ("visibility_moved_reason", "=", False), '
        f'{OPEN}("picking_type_id.code", "=", "outgoing")]',
        '[("visibility_moved_at", "!=", False), ("visibility_moved_reason", "=", False), '
        f'{OPEN}("visibility_is_delivery", "=", True)]',
    ),
}
#: Of rules: the reason in words, in the language in which it was shipped.
REASONS = {
    "rule_backorder": (
        "Left behind by {backorder_id}, now planned for {scheduled_date}",
        "Left behind by {backorder_id}, now planned for {visibility_planned_at}",
    ),
    "rule_allocation_lost": (
        "Was reserved and is not any more; planned for {scheduled_date}",
        "Was reserved and is not any more; planned for {visibility_planned_at}",
    ),
}
OF_NAME = "id = (SELECT res_id FROM ir_model_data WHERE module = %s AND name = %s)"


def migrate(cr, version):
    """Give shipped rows that are as they were the conditions and reasons of today."""
    for (table, name, column), (before, now) in CHANGES.items():
        cr.execute(f"UPDATE {table} SET {column} = %s WHERE {column} = %s AND {OF_NAME}", (now, before, MODULE, name))
    for name, (before, now) in REASONS.items():
        cr.execute(
            "UPDATE visibility_rule SET reason_template = jsonb_set(reason_template, '{en_US}', to_jsonb(%s::text))"
            f" WHERE reason_template->>'en_US' = %s AND {OF_NAME}",
            (now, before, MODULE, name),
        )
