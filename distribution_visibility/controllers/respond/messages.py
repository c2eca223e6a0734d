from odoo import http
from odoo.http import request


class VisibilityMessages(http.Controller):
    """The page on which customers choose whether they hear of deliveries: no login, a signed link."""

    # The token is what proves the request, also where a mail program posts by itself (RFC 8058): no session, no CSRF.
    @http.route("/visibility/messages/<token>", type="http", auth="public", methods=["GET", "POST"], csrf=False)
    def choose(self, token, choice=None, **more):
        """Looking changes nothing: programs that check links only look. A POST does what the button says.

        :param choice: ``on`` or ``off``; mail programs post ``List-Unsubscribe=One-Click`` instead
        """
        partner = request.env["res.partner"]._find_by_visibility_token(token)
        if not partner:
            return self._answer("distribution_visibility.messages_page_unknown", {}, status=404)
        if partner.lang:
            request.update_context(lang=partner.lang)
            partner = partner.with_context(lang=partner.lang)
        is_done = request.httprequest.method == "POST"
        if is_done:
            partner._choose_visibility_messages(choice == "on")
        return self._answer("distribution_visibility.messages_page", {"partner": partner, "is_done": is_done})

    def _answer(self, template, values, status=200):
        company = values["partner"].company_id if "partner" in values else None
        values["company"] = (company or request.env.company).sudo()
        page = request.env["ir.qweb"].sudo()._render(template, values)
        # Nobody else is to keep a page that belongs to one person, nor learn its address from a link on it
        headers = [
            ("Content-Type", "text/html; charset=utf-8"),
            ("Cache-Control", "no-store"),
            ("Referrer-Policy", "no-referrer"),
            ("X-Robots-Tag", "noindex"),
        ]
        return request.make_response(f"<!DOCTYPE html>{page}", headers=headers, status=status)
