"""What a name of before is today, by the tables of our migrations."""

import ast

from scripts import settings

TABLES = ("MODELS", "FIELDS", "XML_IDS", "GONE_MODELS", "GONE_FIELDS", "GONE_XML_IDS")


def _read(path):
    """The tables of one migration; it imports Odoo, so it is read and not run."""
    found = {name: () for name in TABLES}
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and node.targets[0].id in TABLES:
            found[node.targets[0].id] = ast.literal_eval(node.value)
    return found


MIGRATIONS = [_read(path) for path in sorted(settings.ROOT.glob("distribution_visibility/migrations/*/pre-rename.py"))]


def model(name):
    """The name that a model has now; None if it is gone for good."""
    for migration in MIGRATIONS:
        if name in migration["GONE_MODELS"]:
            return None
        name = dict(migration["MODELS"]).get(name, name)
    return name


def table(name):
    """The name that a table has now, be it a model's or one that links two; None if it is gone for good."""
    for migration in MIGRATIONS:
        if name in {gone.replace(".", "_") for gone in migration["GONE_MODELS"]}:
            return None
        for before, now in dict(migration["MODELS"]).items():
            name = _renamed(name, before.replace(".", "_"), now.replace(".", "_"))
    return name


def _renamed(name, before, now):
    if name == before:
        return now
    linked = name.removesuffix("_rel")
    if linked == name or not (linked.startswith(f"{before}_visibility") or linked.endswith(f"_{before}")):
        return name
    other = linked.removeprefix(f"{before}_").removesuffix(f"_{before}")
    return "{}_{}_rel".format(*sorted([now, other]))


def column(of_table, name):
    """The name that a column has now; None if it is gone for good. The table is named as it is now."""
    for migration in MIGRATIONS:
        if (of_table, name) in {(of.replace(".", "_"), field) for of, field in migration["GONE_FIELDS"]}:
            return None
        names = {(of.replace(".", "_"), field): now for (of, field), now in dict(migration["FIELDS"]).items()}
        name = names.get((of_table, name), name)
    return name


def external_id(name):
    """The external id that a record has now, with its module; None if it is gone for good."""
    module, _dot, name = name.partition(".")
    for migration in MIGRATIONS:
        if name in migration["GONE_XML_IDS"]:
            return None
        name = dict(migration["XML_IDS"]).get(name, name)
    return f"{module}.{name}"
