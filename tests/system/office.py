"""People at their desks, over RPC as any client."""

import json
import time
import urllib.request


class Office:
    """An administrator."""

    def __init__(self, server):
        self._database, self._url = server.database, f"http://127.0.0.1:{server.port}/jsonrpc"
        self._user = self._ask("common", "login", self._database, "admin", "admin")

    def _ask(self, service, method, *arguments):
        params = {"service": service, "method": method, "args": list(arguments)}
        body = json.dumps({"jsonrpc": "2.0", "method": "call", "params": params}).encode()
        request = urllib.request.Request(self._url, body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            found = json.load(answer)
        assert "error" not in found, found["error"]["data"]["message"]
        # a method that gives nothing has no result
        return found.get("result")

    def call(self, model, method, *arguments):
        """Call a method; of records, the first argument is the list of their ids."""
        return self._ask("object", "execute_kw", self._database, self._user, "admin", model, method, list(arguments))

    def click(self, model, method, record):
        """Press a button in the web client, where a person waits for the answer; RPC is a job like any other."""
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        self._browse(browser, "/web/session/authenticate", db=self._database, login="admin", password="admin")
        path = f"/web/dataset/call_button/{model}/{method}"
        return self._browse(browser, path, model=model, method=method, args=[[record]], kwargs={})

    def _browse(self, browser, path, **params):
        body = json.dumps({"jsonrpc": "2.0", "method": "call", "params": params}).encode()
        address = self._url.removesuffix("/jsonrpc") + path
        with browser.open(
            urllib.request.Request(address, body, {"Content-Type": "application/json"}), timeout=60
        ) as answer:
            found = json.load(answer)
        assert "error" not in found, found["error"]["data"]["message"]
        return found.get("result")

    def sell(self, product, days=10):
        """A quotation for one piece, promised in so many days; gives its id."""
        promised = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(time.time() + days * 86400))
        customer = self.call("res.partner", "create", {"name": "Meadow Hospital"})
        line = [(0, 0, {"product_id": product, "product_uom_qty": 1})]
        values = {"partner_id": customer, "order_line": line, "commitment_date": promised}
        return self.call("sale.order", "create", values)
