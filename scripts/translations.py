"""`make i18n`: what translators start from, a template for each add-on, and translations in line with it."""

import re
import subprocess

from scripts import databases, environment, odoo_server, postgres, settings
from scripts.console import run, say, step

# The dates of a template change with every export and say nothing that git does not know.
DATES = re.compile(r'^"(POT-Creation-Date|PO-Revision-Date): .*\n', re.MULTILINE)


# Run by the Python of the virtual environment, where Odoo's polib is.
BRING_IN_LINE = """
import sys
import polib
for path in sys.argv[2:]:
    translation = polib.pofile(path, wrapwidth=78)
    translation.merge(polib.pofile(sys.argv[1]))
    # what a text was called before says nothing to Odoo
    for entry in translation.obsolete_entries():
        translation.remove(entry)
    translation.save()
"""


def export():
    """write each add-on's texts to <add-on>/i18n/<add-on>.pot, and bring its translations in line"""
    environment.ensure(quiet=True)
    with postgres.running():
        database = databases.our_template()
        with step("exporting texts"):
            _run_odoo(database, settings.addons())
    for path in map(template, settings.addons()):
        path.write_text(without_dates(path.read_text(encoding="utf-8")), encoding="utf-8")
        _bring_in_line(path)
        say(str(path.relative_to(settings.ROOT)))


def _bring_in_line(path):
    """Texts that are new stand in each translation without one, and texts that are gone stand there no more."""
    languages = sorted(path.parent.glob("*.po"))
    if languages:
        subprocess.run([settings.PYTHON, "-c", BRING_IN_LINE, path, *languages], check=True)


def _run_odoo(database, modules):
    command = [settings.PYTHON, settings.ODOO_BIN, "i18n", "export", "-c", settings.ODOO_CONF, "-d", database]
    run([*command, *modules], "Odoo could not export the texts", "i18n.log", env=odoo_server.environment())


def template(module):
    """Where Odoo writes the template of an add-on."""
    return settings.ROOT / module / "i18n" / f"{module}.pot"


def without_dates(text):
    """The same template, whenever it was made."""
    return DATES.sub("", text)
