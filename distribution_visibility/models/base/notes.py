"""The one way to note what is to be looked at once before the commit, however often it happens until then.

``note(env, "rules", rule.id, orders.ids)`` has ``visibility.follow.up`` call ``_follow_rules({rule.id: {...}})`` as
superuser: just before the commit, or a moment after it where somebody waits for the answer. What is rolled back is
not followed up, savepoints included.
"""

from functools import partial

from odoo import SUPERUSER_ID, api

PREFIX = "visibility.noted."


def note(env, kind, key, ids):
    """Note some ids for ``visibility.follow.up._follow_<kind>``.

    :param key: what they are noted under, as JSON knows it: the name of a model, what happened, an id
    :param ids: ids of stored records; they are put together with what is noted already
    """
    precommit = env.cr.precommit
    noted = precommit.data.setdefault(PREFIX + kind, {})
    if not noted:
        precommit.add(partial(_hand_over, env.cr, kind))
    noted.setdefault(key, set()).update(ids)


def get_noted(env, kind):
    """What is noted and not yet looked at: ids by key."""
    return env.cr.precommit.data.get(PREFIX + kind, {})


def is_first(env, key, for_good=False):
    """Whether this is asked for the first time in this transaction: for what is done once in it, at once.

    :param bool for_good: also where what was done was undone by now; else it is the first time again then, and
        after what waited for the commit was seen to
    """
    data = (env.cr.postcommit if for_good else env.cr.precommit).data
    first = key not in data
    data[key] = True
    return first


def _hand_over(cr, kind):
    noted = cr.precommit.data.pop(PREFIX + kind, None)
    if noted:
        api.Environment(cr, SUPERUSER_ID, {})["visibility.follow.up"]._take_notes(kind, noted)
