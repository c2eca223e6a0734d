"""What the dispatcher does about it, and what there is to see."""

from scripts.stories import score


class Looking:
    """Exceptions that are worked off, and a look at all that is open."""

    def do_expect(self, line):
        """Let what is due by now have run, and write down what is to be seen."""
        self.clock.run()
        self.looks.append(
            {
                **self.where(),
                **score.as_labels(line),
                "found": [self._describe(one) for one in self.get_exceptions()],
                "marked_orders": [name for name in self.docs if self._is_marked(self.doc(name))],
                "marked_partners": self._get_marked_partners(),
            }
        )

    def get_exceptions(self):
        return self.office["visibility.exception"].search(
            [("is_open", "=", True), ("company_id", "=", self.house.company.id)], order="id"
        )

    def _is_marked(self, record):
        return record._name in ("sale.order", "purchase.order") and record.visibility_is_at_risk

    def _get_marked_partners(self):
        partners = {name: partner.with_env(self.office) for name, partner in self.partners.items()}
        return [name for name, partner in partners.items() if partner.visibility_is_at_risk]

    def _describe(self, one):
        return {
            "category": one.category_id.code,
            "severity": one.severity,
            "reason": one.reason or "",
            "about": f"{one.res_model},{one.res_id}",
            "shows": [*self._get_shown_documents(one), *self._get_shown_shipments(one)],
        }

    def _get_shown_documents(self, one):
        one = one.with_context(active_test=False)
        shown = {*one.sale_order_ids.ids}, {*one.purchase_order_ids.ids}, {*one.picking_ids.ids}, {*one.invoice_ids.ids}
        sales, purchases, pickings, invoices = shown
        for name, record in self.docs.items():
            record = record.with_env(self.office)
            if record._name == "stock.picking":
                is_shown = record.id in pickings
            elif record._name == "sale.order":
                is_shown = record.id in sales or pickings & {*self._get_own(record)}
            else:
                is_shown = record.id in purchases or pickings & {*record.picking_ids.ids}
            if is_shown or (record._name != "stock.picking" and invoices & {*record.invoice_ids.ids}):
                yield name

    def _get_own(self, order):
        """The transfers of a sale order, a supplier's receipt behind it left out."""
        return self._get_moves(order).filtered(lambda move: move.location_id.usage != "supplier").picking_id.ids

    def _get_shown_shipments(self, one):
        """Of a choice between several shipments, the number that they share."""
        about = self.office[one.res_model].browse(one.res_id)
        shipment = one.shipment_id or about
        return [shipment.number] if "number" in shipment._fields else []

    # ------------------------------------------------------------------ working off
    def do_resolve(self, line):
        self._close(line, "resolved", root_cause_id=self.env["visibility.root.cause"].search([], limit=1).id)

    def do_dismiss(self, line):
        self._close(line, "dismissed", resolution="Not so")

    def _close(self, line, task, **values):
        category, _on, name = line.head
        found = self.get_exceptions().filtered(
            lambda one: one.category_id.code == category and name in self._describe(one)["shows"]
        )
        wizard = self.office["visibility.close.wizard"].with_context(
            active_model="visibility.exception", active_ids=found.ids
        )
        wizard.create({"task": task, "exception_ids": [(6, 0, found.ids)], **values}).action_confirm()

    def do_correct(self, line):
        number, task = line.head
        shipment = self.office["visibility.shipment"].search([("number", "=", number)])
        wizard = self.office["visibility.correction.wizard"]
        moment = self.at(line.options["at"])
        values = {"shipment_id": shipment.id, "task": task, "reason": "The customer has it", "occurred_at": moment}
        wizard.create(values).action_confirm()
