"""`make i18n`: what translators start from, one template for each add-on."""

import re

from scripts import databases, environment, odoo_server, postgres, settings
from scripts.console import run, say, step

# The dates of a template change with every export and say nothing that git does not know.
DATES = re.compile(r'^"(POT-Creation-Date|PO-Revision-Date): .*\n', re.MULTILINE)


def export():
    """write each add-on's texts to <add-on>/i18n/<add-on>.pot"""
    environment.ensure(quiet=True)
    with postgres.running():
        database = databases.our_template()
        with step("exporting texts"):
            _run_odoo(database, settings.addons())
    for path in map(template, settings.addons()):
        path.write_text(without_dates(path.read_text(encoding="utf-8")), encoding="utf-8")
        say(str(path.relative_to(settings.ROOT)))


def _run_odoo(database, modules):
    command = [settings.PYTHON, settings.ODOO_BIN, "i18n", "export", "-c", settings.ODOO_CONF, "-d", database]
    run([*command, *modules], "Odoo could not export the texts", "i18n.log", env=odoo_server.environment())


def template(module):
    """Where Odoo writes the template of an add-on."""
    return settings.ROOT / module / "i18n" / f"{module}.pot"


def without_dates(text):
    """The same template, whenever it was made."""
    return DATES.sub("", text)
