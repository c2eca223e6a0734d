"""What has another name since 19.0.1.1.0: a line in a table, and records, rights and views follow.

The test of upgrades in tests/system/lifecycle reads these tables, too: whatever was there before and is in none of
them has to be there afterwards.
"""

from odoo.tools import SQL, sql

MODULE = "distribution_visibility"

#: Model before: model now. Its table follows, and external ids that are built from its name, as `<model>_view_form`.
MODELS = {
    "visibility.hand.wizard": "visibility.override.set.wizard",
    "visibility.head.wizard": "visibility.log.head.wizard",
    "visibility.return.wizard": "visibility.override.end.wizard",
}
#: (Model by the name it has now, field before): field now.
FIELDS = {}
#: External id before: external id now, both without the module.
XML_IDS = {
    "access_hand_wizard_user": "access_override_set_wizard_user",
    "access_head_wizard_auditor": "access_log_head_wizard_auditor",
    "access_head_wizard_manager": "access_log_head_wizard_manager",
    "access_return_wizard_user": "access_override_end_wizard_user",
}
#: What nobody needs any more, by the names of before (fields as model and field): Odoo removes it by itself.
GONE_MODELS = []
GONE_FIELDS = []
GONE_XML_IDS = []

#: Columns that hold the name of a model, in whatever table.
NAMES_OF_MODELS = (
    "model",
    "model_id",
    "model_name",
    "parent_res_model",
    "relation",
    "res_model",
    "resource",
    "document_model",
    "subject_model",
)


def migrate(cr, version):
    """Rename what Odoo would otherwise drop and make anew, empty."""
    for before, now in MODELS.items():
        _rename_model(cr, before, now)
    for (model, before), now in FIELDS.items():
        _rename_field(cr, model, before, now)
    for before, now in XML_IDS.items():
        _rename_xml_ids(cr, f"^{before}$", now)


def _rename_model(cr, before, now):
    table, new_table = before.replace(".", "_"), now.replace(".", "_")
    for relation, new_relation, columns in _get_relations(cr, before, table, new_table):
        _rename_relation(cr, relation, new_relation, columns)
    if sql.table_exists(cr, table):
        _rename_table(cr, table, new_table)
    for holder, column in _get_holders(cr):
        name = SQL.identifier(column)
        cr.execute(SQL("UPDATE %s SET %s = %s WHERE %s = %s", SQL.identifier(holder), name, now, name, before))
    built = rf"^(model_|field_|selection__|){table}(|__.*|_(view|action|menu)(_.*)?)$"
    _rename_xml_ids(cr, built, rf"\1{new_table}\2")


def _get_holders(cr):
    """Tables and columns that hold the name of a model (some columns of these names are numbers)."""
    cr.execute(
        SQL(
            """
            SELECT c.table_name, c.column_name
            FROM information_schema.columns c JOIN information_schema.tables USING (table_schema, table_name)
            WHERE table_schema = current_schema AND table_type = 'BASE TABLE'
              AND data_type IN ('character varying', 'text') AND column_name IN %s
            """,
            NAMES_OF_MODELS,
        )
    )
    return cr.fetchall()


def _rename_table(cr, table, new_table):
    """With its constraints, indexes and sequence: Odoo looks for them by the name of the table."""
    cr.execute(SQL("ALTER TABLE %s RENAME TO %s", SQL.identifier(table), SQL.identifier(new_table)))
    cr.execute(
        SQL(
            """
            SELECT 'CONSTRAINT', conname FROM pg_constraint WHERE conrelid = %(table)s::regclass AND contype != 'n'
            UNION ALL
            SELECT 'INDEX', indexname FROM pg_indexes LEFT JOIN pg_constraint ON conname = indexname
            WHERE tablename = %(table)s AND conname IS NULL
            """,
            table=new_table,
        )
    )
    for kind, name in cr.fetchall():
        if not name.startswith(f"{table}_"):
            continue
        new_name = new_table + name.removeprefix(table)
        names = SQL.identifier(name), SQL.identifier(new_name)
        if kind == "CONSTRAINT":
            cr.execute(SQL("ALTER TABLE %s RENAME CONSTRAINT %s TO %s", SQL.identifier(new_table), *names))
        else:
            cr.execute(SQL("ALTER INDEX %s RENAME TO %s", *names))
        cr.execute(SQL("UPDATE ir_model_constraint SET name = %s WHERE name = %s", new_name, name))
        _rename_xml_ids(cr, f"^constraint_{name}$", f"constraint_{new_name}")
    sequences = SQL.identifier(f"{table}_id_seq"), SQL.identifier(f"{new_table}_id_seq")
    cr.execute(SQL("ALTER SEQUENCE IF EXISTS %s RENAME TO %s", *sequences))


def _get_relations(cr, model, table, new_table):
    """The many2many tables that Odoo named after the model: (name, new name, columns to rename)."""
    cr.execute(
        SQL(
            """
            SELECT DISTINCT relation_table, column1, column2
            FROM ir_model_fields
            WHERE ttype = 'many2many' AND relation_table IS NOT NULL AND %s IN (model, relation)
            """,
            model,
        )
    )
    for relation, *columns in cr.fetchall():
        others = [column.removesuffix("_id") for column in columns if column != f"{table}_id"] or [table]
        if relation == "{}_{}_rel".format(*sorted([table, others[0]])):
            new_relation = "{}_{}_rel".format(*sorted([new_table, others[0]]))
            yield relation, new_relation, {f"{table}_id": f"{new_table}_id"}


def _rename_relation(cr, relation, new_relation, columns):
    if not sql.table_exists(cr, relation):
        return
    for before, now in columns.items():
        sql.rename_column(cr, relation, before, now)
    _rename_table(cr, relation, new_relation)
    cr.execute(SQL("UPDATE ir_model_relation SET name = %s WHERE name = %s", new_relation, relation))


def _rename_field(cr, model, before, now):
    table = model.replace(".", "_")
    if sql.column_exists(cr, table, before):
        sql.rename_column(cr, table, before, now)
    cr.execute(SQL("UPDATE ir_model_fields SET name = %s WHERE model = %s AND name = %s", now, model, before))
    _rename_xml_ids(cr, rf"^(field_{table}__|selection__{table}__){before}(__.*|)$", rf"\1{now}\2")


def _rename_xml_ids(cr, pattern, now):
    cr.execute(
        SQL(
            "UPDATE ir_model_data SET name = regexp_replace(name, %s, %s) WHERE module = %s AND name ~ %s",
            pattern,
            now,
            MODULE,
            pattern,
        )
    )
