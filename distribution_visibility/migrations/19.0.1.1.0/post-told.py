"""Until now an exception knew only when it was seen last, by whatever clock. From now on also when it was told last.

Otherwise a fact that arrives after the upgrade, and happened before we noticed something ourselves, would not end it.
"""


def migrate(cr, version):
    """Take it from the latest event of each exception."""
    cr.execute(
        """
        UPDATE visibility_exception exception SET told_at = event.occurred_at
          FROM visibility_event event
         WHERE event.id = exception.event_id AND exception.told_at IS NULL
        """
    )
