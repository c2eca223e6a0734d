"""Lets plain tests import the ORM-free parts of our add-ons without Odoo.

``import distribution_visibility.lib.ingest`` must not run ``distribution_visibility/__init__.py``,
which imports models and so Odoo. Each add-on with a ``lib`` folder is therefore represented by an
empty package that only knows where its files are.
"""

import sys
import types
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
#: An add-on of tests that Odoo runs: `make test-oca`.
collect_ignore = ["oca"]


def _register_addons():
    for folder in sorted(path.parent for path in ROOT.glob("*/lib")):
        stand_in = types.ModuleType(folder.name)
        stand_in.__path__ = [str(folder)]
        sys.modules.setdefault(folder.name, stand_in)


sys.path.insert(0, str(ROOT))
_register_addons()
