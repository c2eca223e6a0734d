"""What carriers and suppliers send: real requests, signed as their documentation says."""

import json
import time
import uuid

from odoo.addons.distribution_visibility.lib.ingest.verification.signing import sign_headers

from scripts.stories.house import SECRET

FORGED = SECRET[:-4] + "AAAA"
JSON = {"Content-Type": "application/json"}
REFUSED = (401,)


class Sending:
    """Each sender has a source of its own, for each company."""

    def do_scan(self, line):
        number, milestone = line.head
        self._tell_shipment("shipment.milestone", number, line, milestone=milestone)

    def do_report(self, line):
        number, category = line.head
        self._tell_shipment("shipment.exception", number, line, category=category)

    def do_eta(self, line):
        number, *when = line.head
        self._tell_shipment("shipment.eta", number, line, eta=self.write_time(" ".join(when)))

    def _tell_shipment(self, kind, number, line, **said):
        options = line.options
        sender = options.get("from", "northline")
        data = {"tracking_number": number, "occurred_at": self.write_time(options.get("at", line.when)), **said}
        if sender != "hub":
            data["carrier"] = sender
        for option, name in (("because", "reason"), ("signed", "signed_by"), ("proof", "proof_url")):
            if option in options:
                data[name] = options[option]
        self.tell("postcard" if "unsigned" in options else sender, kind, data, line)

    def do_withdraw(self, line):
        data = {"event_id": line.head[0], "reason": "by mistake"}
        self.tell("northline", "shipment.retraction", data, line)

    def do_repeat(self, _line):
        """The last request once more, as after an answer that was lost: the same id, signed anew."""
        code, body, request_id = self.sent[-1]
        self._open(code, body, self._sign(request_id, body, SECRET), (200,))

    # ------------------------------------------------------------------ on the wire
    def tell(self, sender, kind, data, line):
        event = {"type": kind, "data": data, "id": line.options.get("id") or uuid.uuid4().hex}
        if "test" in line.options:
            event["is_test"] = True
        self.post(sender, event, line.options)

    def post(self, sender, payload, options=None):
        options = options or {}
        city = options.get("of", self.house.city)
        code = f"{city}-{sender}"
        body = json.dumps(payload).encode()
        if sender == "postcard":
            return self._open(code, body, JSON, (202,), "/a-test-only-secret-address")
        request_id = f"msg_{uuid.uuid4().hex}"
        self.sent.append((code, body, request_id))
        if "forged" in options:
            return self._open(code, body, self._sign(request_id, body, FORGED), REFUSED)
        return self._open(code, body, self._sign(request_id, body, SECRET), (202,))

    def _sign(self, request_id, body, secret):
        return {**JSON, **sign_headers(request_id, int(time.time()), body, [secret])}

    def _open(self, code, body, headers, wanted, token=""):
        url = f"/visibility/v1/sources/{code}/events{token}"
        self.env.flush_all()
        answer = self.url_open(url, data=body, headers=headers, timeout=60)
        if answer.status_code not in wanted:
            raise ValueError(f"{code} was answered {answer.status_code}: {answer.text[:500]}")
        self.env.invalidate_all()
