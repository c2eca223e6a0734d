def post_init_hook(env):
    """Deliveries that are on their way when the suite is installed get their shipments too."""
    pickings = env["stock.picking"].search(
        [("carrier_tracking_ref", "!=", False), ("state", "not in", ("cancel", "draft"))], order="id desc", limit=20000
    )
    pickings._link_shipments()
    # Those on the picking list get their place a moment later, in batches
    env.ref("distribution_visibility.ir_cron_picking_list")._trigger()
