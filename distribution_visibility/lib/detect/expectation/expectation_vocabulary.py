"""When, what and by which date things can be expected of which of Odoo's documents."""

TRIGGERS = [
    ("order_confirmed", "Sale order confirmed"),
    ("purchase_approved", "Purchase order approved"),
    ("purchase_line_approved", "Purchase order approved: each line"),
    ("picking_confirmed", "Transfer confirmed"),
    ("picking_ready", "Transfer ready (reserved)"),
    ("picking_done", "Transfer validated: shipped or received"),
    ("shipment_moving", "Shipment on its way: each scan"),
    ("shipment_delivered", "Shipment delivered"),
    ("invoice_posted", "Invoice posted"),
]
TRIGGER_MODELS = {
    "order_confirmed": "sale.order",
    "purchase_approved": "purchase.order",
    "purchase_line_approved": "purchase.order.line",
    "picking_confirmed": "stock.picking",
    "picking_ready": "stock.picking",
    "picking_done": "stock.picking",
    "shipment_moving": "visibility.shipment",
    "shipment_delivered": "visibility.shipment",
    "invoice_posted": "account.move",
}
FACTS = [
    ("reserved", "Reserved"),
    ("picking_started", "Picking started"),
    ("picking_done", "Transfer validated"),
    ("shipped", "Everything shipped"),
    ("receipt_validated", "Everything received"),
    ("any_scan", "Next scan"),
    ("proof_of_delivery", "Proof of delivery"),
    ("invoiced", "Invoice issued"),
    ("paid", "Paid"),
]
FACT_MODELS = {
    "reserved": ("sale.order", "stock.picking"),
    "picking_started": ("stock.picking",),
    "picking_done": ("stock.picking", "visibility.shipment"),
    "shipped": ("sale.order",),
    "receipt_validated": ("purchase.order", "purchase.order.line"),
    "any_scan": ("visibility.shipment",),
    "proof_of_delivery": ("visibility.shipment",),
    "invoiced": ("sale.order", "stock.picking"),
    "paid": ("account.move",),
}
BASES = [
    ("trigger", "The trigger"),
    ("first_promise", "First promise"),
    ("latest_promise", "Latest promise"),
    ("scheduled", "Scheduled date"),
    ("deadline", "Deadline"),
    ("invoice_due", "Invoice due date"),
]
BASE_MODELS = {
    "first_promise": ("sale.order", "purchase.order", "purchase.order.line", "stock.picking", "visibility.shipment"),
    "latest_promise": ("sale.order", "purchase.order", "purchase.order.line", "stock.picking", "visibility.shipment"),
    "scheduled": ("stock.picking",),
    "deadline": ("stock.picking",),
    "invoice_due": ("account.move",),
}
