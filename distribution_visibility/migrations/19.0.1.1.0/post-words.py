from lxml import etree
from odoo.tools import file_open

SHIPPED = "distribution_visibility/data/detect/expectation/visibility_expectation_template.xml"


def migrate(cr, version):
    """Shipped expectations get the words that new databases begin with; what somebody wrote stays."""
    with file_open(SHIPPED, "rb") as shipped:
        records = etree.parse(shipped).getroot().iter("record")
        words = {one.get("id"): one.findtext("field[@name='reason_template']") for one in records}
    for name, text in words.items():
        cr.execute(
            """UPDATE visibility_expectation_template template
                  SET reason_template = jsonb_build_object('en_US', %s::text)
                 FROM ir_model_data data
                WHERE data.model = 'visibility.expectation.template' AND data.module = 'distribution_visibility'
                  AND data.name = %s AND data.res_id = template.id AND template.reason_template IS NULL""",
            (text, name),
        )
