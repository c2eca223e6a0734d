"""What happens about money."""

from odoo import Command


class Billing:
    """Invoices, payments and vendor bills."""

    def get_invoices(self, name):
        return self.doc(name).invoice_ids

    def do_invoice(self, line):
        self.do_draft(line)
        self.do_post(line)

    def do_draft(self, line):
        invoices = self.doc(line.head[0])._create_invoices()
        invoices.invoice_date = self.get_day(line.when)
        if "due" in line.options:
            invoices.write({"invoice_payment_term_id": False, "invoice_date_due": self.get_day(line.options["due"])})
        if "instalments" in line.options:
            invoices.invoice_payment_term_id = self._make_term(line.options["instalments"])

    def get_day(self, text):
        """A day of the story, as people there write it."""
        return self.at(f"{text.split()[0]} 12:00").date()

    def _make_term(self, text):
        parts = [part.split() for part in text.split(", ")]
        return self.env["account.payment.term"].create(
            {
                "name": text,
                "line_ids": [
                    Command.create(
                        {
                            "value": "percent",
                            "value_amount": float(share),
                            "nb_days": int(days),
                            "delay_type": "days_after",
                        }
                    )
                    for share, days in parts
                ],
            }
        )

    def do_post(self, line):
        self.get_invoices(line.head[0]).filtered(lambda one: one.state == "draft").action_post()

    def do_pay(self, line):
        invoices = self.get_invoices(line.head[0]).filtered(lambda one: one.state == "posted" and one.amount_residual)
        wizard = self.office["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoices.ids
        )
        values = {"payment_date": self.get_day(line.when)}
        if "amount" in line.options:
            values["amount"] = float(line.options["amount"])
        wizard.create(values)._create_payments()

    def do_bounce(self, line):
        """The bank takes the money back."""
        payments = self.get_invoices(line.head[0]).matched_payment_ids
        payments.action_draft()
        payments.action_cancel()

    def do_bill(self, line):
        """A vendor's bill is typed, or what was typed is corrected."""
        order = self.doc(line.head[0])
        bills = order.invoice_ids.filtered(lambda one: one.state == "draft")
        if not bills:
            order.action_create_invoice()
            bills = order.invoice_ids.filtered(lambda one: one.state == "draft")
        bills.invoice_date = self.get_day(line.when)
        for goods in line.goods:
            lines = bills.invoice_line_ids.filtered(
                lambda one, goods=goods: one.product_id == self.products[goods["product"]]
            )
            lines.write({"price_unit": float(goods["price"]), "quantity": float(goods["quantity"])})
