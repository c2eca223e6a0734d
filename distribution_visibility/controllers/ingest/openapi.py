import json

from odoo import http
from odoo.http import request
from odoo.modules.module import get_manifest

from ...lib.ingest import openapi


class VisibilityOpenApi(http.Controller):
    """The contract with senders, made from the same models that the door validates with."""

    @http.route("/visibility/v1/openapi.json", type="http", auth="none", methods=["GET"], save_session=False)
    def openapi(self):
        """The OpenAPI document of everything under /visibility. Public: it names no source."""
        version = get_manifest("distribution_visibility")["version"]
        webhooks, schemas = self._get_webhooks()
        document = openapi.document(request.httprequest.url_root.rstrip("/"), version, webhooks, schemas)
        return request.make_response(json.dumps(document), [("Content-Type", "application/json")])

    def _get_webhooks(self):
        """Seam for respond: what is sent out, and the schemas of it."""
        return {}, {}
