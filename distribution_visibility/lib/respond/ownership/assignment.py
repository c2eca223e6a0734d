"""Who of several people gets the next piece of work."""

#: Ways in which work came to a person that mean: nobody was there for it.
UNOWNED = ("fallback", "leader", "admin")


def pick_least_loaded(people, load, shares):
    """The person with the least work for their share of it; the first of equals.

    :param people: ids in order of preference
    :param dict load: id to how much is open (missing: nothing)
    :param dict shares: id to the share of work this person takes, 1 is usual; 0 or less: none
    :return: an id, or None when nobody takes any
    """
    takers = [one for one in people if shares.get(one, 1) > 0]
    if not takers:
        return None
    return min(takers, key=lambda one: load.get(one, 0) / shares.get(one, 1))


def find_substitute(person, absences, known=frozenset()):
    """Who stands in for a person: themselves when present, else their substitute, or that one's.

    :param dict absences: id of who is absent to the id of the substitute, or None
    :return: an id, or None when nobody does
    """
    while person in absences:
        if person in known:
            return None
        known = known | {person}
        person = absences[person]
    return person


def rank_team(team, category, role, company, warehouse):
    """How well a team fits a piece of work: None when not at all; more is closer.

    :param team: with ``categories``, ``role``, ``company`` and ``warehouses``; empty means any
    """
    if team.categories:
        if category not in team.categories:
            return None
    elif team.role != role:
        return None
    if team.company and team.company != company:
        return None
    if team.warehouses and warehouse not in team.warehouses:
        return None
    return 4 * bool(team.categories) + 2 * bool(team.warehouses) + bool(team.company)
