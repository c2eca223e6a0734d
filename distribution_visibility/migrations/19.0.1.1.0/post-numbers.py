"""The barcode of a label counts as the number in it from now on: what is looked up by is brought in line.

Where both are known as shipments already, they stay two until a person links them.
"""

from odoo.addons.distribution_visibility.lib.base.numbers import normalise_number

TABLES = ("visibility_shipment", "visibility_shipment_alias")
BARCODE = "^(420|96|1|00)[0-9]{17,}$"


def migrate(cr, version):
    """Shorten the keys of shipments and of their further numbers."""
    for table in TABLES:
        cr.execute(f"SELECT DISTINCT number_key FROM {table} WHERE number_key ~ %s", (BARCODE,))
        for (key,) in cr.fetchall():
            _shorten(cr, table, key, normalise_number(key))


def _shorten(cr, table, key, number):
    if key == number:
        return
    cr.execute(f"SELECT 1 FROM {table} WHERE number_key = %s LIMIT 1", (number,))
    if not cr.fetchone():
        cr.execute(f"UPDATE {table} SET number_key = %s WHERE number_key = %s", (number, key))
