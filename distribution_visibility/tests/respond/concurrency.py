# Real transactions, so that there are real conflicts
# pylint: disable=invalid-commit
from contextlib import contextmanager

from odoo import SUPERUSER_ID, api


@contextmanager
def other_transaction(case):
    """An environment in a transaction of its own, committed at its end: what somebody else does meanwhile."""
    with case.registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        yield env
        env.flush_all()
        cr.commit()
