"""What customers were told last is what deliveries are expected by, and two rules no longer find what is no trouble.

Shipped rows are an administrator's: only those are adapted that nobody has changed.
"""

from odoo import SUPERUSER_ID, api

#: Templates that count from the latest promise from now on, by their external ids.
TEMPLATES = ("expectation_delivery_sla", "expectation_order_shipped", "expectation_delivered")
#: Rules with the condition that they were shipped with, and what is added to it.
RULES = {
    "rule_stale_quotation": (
        """[("state", "in", ["draft", "sent"])]""",
        """[("state", "in", ["draft", "sent"]), "|", ("validity_date", "=", False), """
        """("validity_date", ">=", "today")]""",
    ),
    "rule_invoice_left": (
        """[("state", "=", "draft"), ("move_type", "=", "out_invoice"), ("auto_post", "=", "no"), """
        """("invoice_line_ids.sale_line_ids.qty_delivered", ">", 0)]""",
        """[("state", "=", "draft"), ("move_type", "=", "out_invoice"), ("auto_post", "=", "no"), """
        """("invoice_line_ids.sale_line_ids.qty_delivered", ">", 0), ("invoice_line_ids.sale_line_ids", "not any", """
        """[("order_id.visibility_exception_ids", "any", [("is_open", "=", True), """
        """("category_id.code", "=", "billing_late")])])]""",
    ),
}
BATCH = 500


def migrate(cr, version):
    """Adapt what was shipped and is as it was shipped."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    for name, (before, now) in RULES.items():
        rule = env.ref(f"distribution_visibility.{name}", raise_if_not_found=False)
        if rule and rule.domain == before:
            rule.domain = now
    found = (env.ref(f"distribution_visibility.{name}", raise_if_not_found=False) for name in TEMPLATES)
    templates = env["visibility.expectation.template"].union(*filter(None, found))
    untouched = templates.filtered(lambda one: one.base == "first_promise" and one.write_date == one.create_date)
    untouched.base = "latest_promise"
    _count_again(env, untouched)


def _count_again(env, templates):
    """Open expectations are held against the latest promise, too, and what is not late by it is over."""
    rows = env["visibility.expectation"].search(
        [("template_id", "in", templates.ids), ("state", "in", ("open", "overdue"))]
    )
    for model, alike in rows.grouped("res_model").items():
        documents = env[model].browse(sorted(set(alike.mapped("res_id")))).exists()
        for start in range(0, len(documents), BATCH):
            env["visibility.expectation"]._follow(documents[start : start + BATCH])
            env.flush_all()
