def uninstall_hook(env):
    """Reviews and their definitions belong to no table of ours, and mean nothing without decisions."""
    env["tier.review"].sudo().search([("model", "=", "visibility.decision")]).unlink()
    definitions = env["tier.definition"].sudo().with_context(active_test=False)
    definitions.search([("model", "=", "visibility.decision")]).unlink()
