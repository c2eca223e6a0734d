from odoo import http
from odoo.http import request


class EmptyRoute(http.Controller):
    """What the stack costs by itself: a POST that reads its body, does nothing and answers."""

    @http.route("/visibility_bench/empty", type="http", auth="none", methods=["POST"], csrf=False, save_session=False)
    def empty(self):
        """Answer as the receiver does."""
        request.httprequest.get_data()
        return request.make_response(b'{"status": "accepted"}', [("Content-Type", "application/json")], status=202)
