"""A person's word that passes once through what would otherwise keep a record as it is."""


class Permit:
    """Taken by the first write that asks for it, so that what follows from that write is automation again.

    An object, because a context that came from a client holds plain values only.
    """

    def __init__(self):
        self._is_taken = False

    def take(self):
        """True the first time, False from then on."""
        taken, self._is_taken = self._is_taken, True
        return not taken


def take(context, name):
    """Whether a context carries a permit under this name that nobody has taken yet; takes it."""
    permit = context.get(name)
    return isinstance(permit, Permit) and permit.take()
