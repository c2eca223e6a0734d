"""Signs as a sender does: from the ORM-free part of our add-on, without Odoo, as plain tests do."""

import sys
import types
from importlib import import_module

from scripts import settings

package = types.ModuleType("distribution_visibility")
package.__path__ = [str(settings.ROOT / "distribution_visibility")]
sys.modules.setdefault("distribution_visibility", package)

sign_headers = import_module("distribution_visibility.lib.ingest.verification.signing").sign_headers
