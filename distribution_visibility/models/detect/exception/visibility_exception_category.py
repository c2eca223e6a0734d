from odoo import api, fields, models

# What happens in these areas makes things late, but for a few kinds; and so do a few kinds of other areas.
LATE_AREAS = ("transport", "delivery", "customs", "warehouse")
ALSO_LATE = (
    *("stock_short", "backorder", "order_incomplete", "credit_hold", "asn_overdue"),
    *("supplier_reject_or_backorder", "supplier_change_proposed", "receipt_overdue", "receipt_incomplete"),
)
LATE_OTHERWISE = {
    **dict.fromkeys(ALSO_LATE, True),
    **dict.fromkeys(("damaged", "shortage", "proof_missing", "priority_changed", "receipt_or_asn_discrepancy"), False),
}
SEVERITY = [("information", "Information"), ("warning", "Warning"), ("blocking", "Blocking")]


class VisibilityExceptionCategory(models.Model):
    """What kind of thing went wrong, who looks after it, and how soon."""

    _name = "visibility.exception.category"
    _description = "Exception category"
    _inherit = ["visibility.vocabulary.mixin", "mail.thread", "visibility.action.mixin"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    description = fields.Text("Meaning", translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    color = fields.Integer()
    process_area = fields.Selection(
        [
            ("order", "Orders"),
            ("purchase", "Purchasing"),
            ("warehouse", "Warehouse"),
            ("transport", "Transport"),
            ("delivery", "Delivery"),
            ("customs", "Customs"),
            ("billing", "Billing"),
            ("data", "Data"),
        ],
        required=True,
    )
    severity = fields.Selection(
        SEVERITY,
        required=True,
        default="warning",
        tracking=True,
        help="From Warning on, the documents it concerns are at risk.",
    )
    owner_role = fields.Selection(
        [
            ("service", "Customer service"),
            ("carrier_desk", "Carrier desk"),
            ("warehouse", "Warehouse"),
            ("buyer", "Purchasing"),
            ("import_desk", "Import desk"),
            ("billing", "Billing"),
            ("integration", "Integration"),
        ],
        required=True,
        default="service",
    )
    user_id = fields.Many2one("res.users", "Default owner", help="Empty: the person behind the order decides by role.")
    response_hours = fields.Float(
        "Respond within (working hours)", default=8, required=True, help="By the company's working hours."
    )
    tag_ids = fields.Many2many("visibility.tag", string="Tags put on documents")
    clearing_milestone_id = fields.Many2one(
        "visibility.milestone",
        "Clears itself at",
        help="An open exception is resolved when its shipment gets this far. Empty: a person closes it.",
    )
    is_over_once_delivered = fields.Boolean(
        "Nothing once delivered",
        help="A report that comes after the delivery is old news, such as a delay. Off: it counts, such as theft.",
    )
    explains_lateness = fields.Boolean(
        "Explains why it is late",
        compute="_compute_explains_lateness",
        store=True,
        readonly=False,
        precompute=True,
        help="While an exception of this kind is open, what follows from it is told on it and opens no exception of "
        "its own: the late risk of the same shipment or delivery, and of the orders that wait for it.",
    )

    playbook_id = fields.Many2one(
        "mail.activity.plan",
        domain="[('res_model', '=', 'visibility.exception')]",
        index="btree_not_null",
        help="The usual steps, offered as a checklist on each exception.",
    )
    default_approval = fields.Selection(
        [
            ("expedited_freight", "Expedited freight"),
            ("rerouting", "Rerouting"),
            ("compensation", "Compensation"),
            ("return", "Return"),
            ("credit_exception", "Credit exception"),
            ("supplier_substitution", "Supplier substitution"),
            ("inventory_write_off", "Inventory write-off"),
        ],
        "Usual approval",
        help="What the usual response needs somebody's approval for. With the add-on for approvals, the request "
        "starts with it.",
    )

    _code_unique = models.Constraint("UNIQUE (code)", "There is a category with this code already.")
    _response_hours_positive = models.Constraint(
        "CHECK (response_hours > 0)", "The time to respond must be more than zero."
    )

    @api.depends("process_area")
    def _compute_explains_lateness(self):
        for category in self:
            usual = category.process_area in LATE_AREAS
            category.explains_lateness = LATE_OTHERWISE.get(category.code, usual)
