"""What a database holds of our add-ons, read with SQL, in words that two databases can be compared by."""

OURS = "module LIKE 'distribution_visibility%%'"
#: The external id of a row, wherever it is from.
NAMED = """(SELECT min(module || '.' || name) FROM ir_model_data d WHERE d.model = '{model}' AND d.res_id = {id})"""

#: What Odoo itself makes of code and data files. Kind to the query of all rows of ours, each with its external id.
STRUCTURE = {
    "ir.model": "SELECT model, transient FROM ir_model",
    "ir.model.fields": """
        SELECT model, name, ttype, relation, relation_field, relation_table, column1, column2, required, store, index
        FROM ir_model_fields""",
    "ir.model.fields.selection": "SELECT value, sequence FROM ir_model_fields_selection",
    "ir.model.inherit": f"""
        SELECT {NAMED.format(model="ir.model", id="model_id")} AS of,
               {NAMED.format(model="ir.model", id="parent_id")} AS above
        FROM ir_model_inherit""",
    "ir.model.constraint": "SELECT name, type, definition FROM ir_model_constraint",
    "ir.model.access": f"""
        SELECT {NAMED.format(model="ir.model", id="model_id")} AS of,
               {NAMED.format(model="res.groups", id="group_id")} AS to,
               active, perm_read, perm_write, perm_create, perm_unlink
        FROM ir_model_access""",
    "ir.rule": f"""
        SELECT {NAMED.format(model="ir.model", id="model_id")} AS of, domain_force, active, "global",
               perm_read, perm_write, perm_create, perm_unlink,
               ARRAY(SELECT {NAMED.format(model="res.groups", id="group_id")} AS of_group FROM rule_group_rel
                     WHERE rule_group_id = ir_rule.id ORDER BY of_group) AS groups
        FROM ir_rule""",
    "ir.ui.view": f"""
        SELECT model, type, mode, priority, active, arch_fs,
               -- a button that names an action has its number, which each database draws by itself
               regexp_replace(arch_db ->> 'en_US', 'name="[0-9]+"', 'name="action"', 'g') AS arch,
               {NAMED.format(model="ir.ui.view", id="inherit_id")} AS extends
        FROM ir_ui_view""",
    "ir.ui.menu": f"""
        SELECT name ->> 'en_US' AS name, sequence, active, {NAMED.format(model="ir.ui.menu", id="parent_id")} AS below,
               split_part(action, ',', 1) AS kind,
               ARRAY(SELECT {NAMED.format(model="res.groups", id="gid")} AS of_group FROM ir_ui_menu_group_rel
                     WHERE menu_id = ir_ui_menu.id ORDER BY of_group) AS groups
        FROM ir_ui_menu""",
    "ir.actions.act_window": """
        SELECT name ->> 'en_US' AS name, res_model, view_mode, domain, context, target FROM ir_act_window""",
    "res.groups": "SELECT name ->> 'en_US' AS name FROM res_groups",
}


def external_ids(reader):
    """External id to (model, id of the record)."""
    rows = reader.rows(f"SELECT module || '.' || name AS xmlid, model, res_id FROM ir_model_data WHERE {OURS}")
    return {row["xmlid"]: (row["model"], row["res_id"]) for row in rows}


def structure(reader, kind):
    """External id to all that matters of the row, for one kind of :data:`STRUCTURE`."""
    table = STRUCTURE[kind].rpartition("FROM ")[2].strip()
    columns = STRUCTURE[kind].strip().removeprefix("SELECT ")
    query = f"""
        SELECT d.module || '.' || d.name AS xmlid, found.*
        FROM ir_model_data d JOIN (SELECT {table}.id AS row_id, {columns}) AS found ON found.row_id = d.res_id
        WHERE d.model = '{kind}' AND d.{OURS}"""
    rows = [dict(row) for row in reader.rows(query)]
    return {row.pop("xmlid"): {name: value for name, value in row.items() if name != "row_id"} for row in rows}


def models(reader):
    """The names of our models."""
    query = f"""
        SELECT m.model FROM ir_model m JOIN ir_model_data d ON d.model = 'ir.model' AND d.res_id = m.id
        WHERE d.{OURS} AND m.model LIKE '%%visibility%%'"""
    return {row["model"] for row in reader.rows(query)}


def passing_tables(reader):
    """The tables of our wizards, and those that link them: what is in them is thrown away daily."""
    wizards = reader.rows("SELECT replace(model, '.', '_') AS name FROM ir_model WHERE transient")
    names = [row["name"] for row in wizards if "visibility" in row["name"]]
    return {table for table in _all_tables(reader) if any(f"_{name}_" in f"_{table}_" for name in names)}


def tables(reader):
    """The tables of our models that hold records for good, and those that link them."""
    return _all_tables(reader) - passing_tables(reader)


def _all_tables(reader):
    rows = reader.rows("SELECT tablename FROM pg_tables WHERE tablename LIKE '%%visibility%%'")
    return {row["tablename"] for row in rows}


def columns(reader):
    """Table to its columns, of our tables, and of ours in the tables of others."""
    found = {}
    query = """
        SELECT table_name, column_name FROM information_schema.columns
        WHERE table_schema = 'public' AND (table_name LIKE '%%visibility%%' OR column_name LIKE '%%visibility%%')"""
    for row in reader.rows(query):
        found.setdefault(row["table_name"], set()).add(row["column_name"])
    return found


def filled(reader, table, names):
    """How many rows of a table have a value in each of the columns."""
    counts = ", ".join(f'count("{name}") AS "{name}"' for name in sorted(names))
    return dict(reader.one(f'SELECT {counts} FROM "{table}"'))


def ids(reader, tables):
    """Table to the ids of all its records; of a table that links two, to the numbers of its rows."""
    of_ours = columns(reader)
    numbers = {table: "id" if "id" in of_ours[table] else "row_number() OVER ()" for table in tables}
    queries = [f"SELECT '{table}' AS of, {number} AS id FROM {table}" for table, number in numbers.items()]
    found = {table: set() for table in tables}
    for row in reader.rows(" UNION ALL ".join(queries)):
        found[row["of"]].add(row["id"])
    return found


def parts(reader):
    """Names of indexes and constraints of our tables, as Odoo looks for them."""
    query = """
        SELECT indexname AS name FROM pg_indexes WHERE tablename LIKE '%%visibility%%'
        UNION
        SELECT conname FROM pg_constraint WHERE conrelid != 0 AND contype NOT IN ('n', 'f')
            AND conrelid::regclass::text LIKE '%%visibility%%'"""
    return {row["name"] for row in reader.rows(query)}
