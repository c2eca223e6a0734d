"""The numbers of this suite that an administrator sets in Odoo's Settings."""

PREFIX = "distribution_visibility."
#: Name to (default, smallest value that makes sense).
NUMBERS = {
    "payload_retention_days": (90, 1),
    # After the payload is gone. Senders try again for days; a month is the least that is safe.
    "key_retention_days": (180, 30),
    "rule_run_retention_days": (30, 1),
    "dead_letter_alarm": (1, 1),
    "stalled_minutes": (15, 1),
    "max_backlog": (200_000, 100),
    # A worker locks what it claimed a moment later, on a busy machine a second or two.
    "rescue_after_seconds": (15, 3),
}


def get_number(env, name):
    """A setting as a whole number; its default where it is missing, malformed or too small."""
    default, least = NUMBERS[name]
    try:
        value = int(env["ir.config_parameter"].sudo().get_param(PREFIX + name, default))
    except (TypeError, ValueError):
        return default
    return value if value >= least else default
