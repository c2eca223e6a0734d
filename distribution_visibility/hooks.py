def post_init_hook(env):
    """Deliveries that are on their way when the suite is installed get their shipments too."""
    pickings = env["stock.picking"].search(
        [("carrier_tracking_ref", "!=", False), ("state", "not in", ("cancel", "draft"))], order="id desc", limit=20000
    )
    pickings._link_shipments()
