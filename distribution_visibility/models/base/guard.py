"""The one way to try something without risking the rest of the transaction.

Two things can go wrong. A *failure* is the work's own: it is undone alone, and the caller says what follows. A
*conflict* is with another transaction: it is raised on, because only whoever runs the whole transaction can run it
again, with a view of the database that has what the other one did.
"""

import logging
import time

from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

_logger = logging.getLogger(__name__)

#: What a transaction is run again for: exactly Odoo's own set.
CONFLICTS = PG_CONCURRENCY_EXCEPTIONS_TO_RETRY


class Attempt:
    """Work in a savepoint, as a context manager; afterwards ``error`` says what went wrong, None if nothing did.

    What waited to be written before is written first, and what goes wrong with that is raised: it is not this work's.
    What the work leaves to be written is written before its end, so that it counts as this work's. When the work is
    undone, what Odoo keeps in memory of it is forgotten.
    """

    def __init__(self, cr, is_outcome, flush=True):
        self._cr = cr
        self._is_outcome = is_outcome
        self._flush = flush
        self._savepoint = None
        #: On the clock of ``time.monotonic``.
        self.began = time.monotonic()
        self.error = None

    def __enter__(self):
        self._savepoint = self._cr.savepoint(flush=self._flush)
        return self

    def __exit__(self, _kind, error, _traceback):
        late = None
        try:
            self._savepoint.close(rollback=error is not None)
        except Exception as raised:
            if not self._savepoint.closed:
                raise  # not even undoing works: the connection is gone
            late = raised
        if self._is_outcome(error or late):
            self.error = error or late
        elif late:
            raise late
        return bool(self.error)

    @property
    def seconds(self):
        """How long ago the attempt began."""
        return time.monotonic() - self.began


def guarded(env, catches=Exception, flush=True):
    """Try something: failures are left in ``error``, conflicts are raised on.

    ::

        with guarded(self.env) as attempt:
            self._work()
        if attempt.error:
            _logger.warning("...: %s", attempt.error)

    :param catches: the exceptions that are failures, one class or a tuple; others are raised on, too
    :param bool flush: False neither writes what waits nor forgets what is kept in memory: for what a form shows
        before it is saved, and for what runs just before the commit
    """
    return Attempt(env.cr, lambda error: isinstance(error, catches) and not isinstance(error, CONFLICTS), flush)


def giving_way(env):
    """Try something that is not worth running the transaction again: of two, the other one was faster.

    A conflict is left in ``error``; everything else is raised on.
    """
    return Attempt(env.cr, lambda error: isinstance(error, CONFLICTS))


def attempt_all(env, parts, work, on_failure, sort_out=None):
    """Try all parts at once; where that fails halves, down to single ones, so that a bad one stops no other.

    :param parts: a recordset or a list
    :param work: called with some of the parts, in a savepoint; raises when they cannot be done
    :param on_failure: called outside of the savepoint with each single part that fails, a recordset or list of
        one, and its :class:`Attempt`
    :param sort_out: called with the parts that failed together and the error; where the error says which ones are
        the trouble it sees to those, and gives the others to be tried again; None where it does not know
    """
    if not parts:
        return
    with guarded(env) as attempt:
        work(parts)
    if not attempt.error:
        return
    rest = sort_out(parts, attempt.error) if sort_out else None
    if rest is not None:
        attempt_all(env, rest, work, on_failure, sort_out)
    elif len(parts) == 1:
        on_failure(parts, attempt)
    else:
        _logger.info("%s failed together (%s) and are tried in halves", len(parts), type(attempt.error).__name__)
        middle = len(parts) // 2
        attempt_all(env, parts[:middle], work, on_failure, sort_out)
        attempt_all(env, parts[middle:], work, on_failure, sort_out)
