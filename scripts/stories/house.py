"""Three companies in three time zones, each with warehouses of one to three steps, and those whom they deal with."""

from odoo import Command

from scripts.stories import told

SECRET = "whsec_dGVzdC1vbmx5LXNlY3JldC1vZi1jYW5vbmljYWwtc2VuZGVy"
COUNTRIES = {"paris": "base.fr", "auckland": "base.nz", "losangeles": "base.us"}
STEPS = {
    "1": {"reception_steps": "one_step", "delivery_steps": "ship_only"},
    "2": {"reception_steps": "two_steps", "delivery_steps": "pick_ship"},
    "3": {"reception_steps": "three_steps", "delivery_steps": "pick_pack_ship"},
}
GROUPS = (
    "base.group_user base.group_partner_manager sales_team.group_sale_manager stock.group_stock_manager "
    "stock.group_stock_multi_locations stock.group_adv_location purchase.group_purchase_manager "
    "account.group_account_manager distribution_visibility.group_manager"
)
PRICES = {"pump": 100, "seal": 10, "tube": 20, "flange": 30, "kit": 70, "lathe": 1000, "crane": 5000, "advice": 80}
SOURCES = {
    "northline": {"carrier_code": "northline"},
    "westline": {"carrier_code": "westline"},
    "hub": {},
    "alder": {},
    "postcard": {"preset": "unsigned", "carrier_code": "northline"},
}


class House:
    """One company: its people, its warehouses, its partners and its senders."""

    def __init__(self, env, city):
        self.city, self.zone = city, told.ZONES[city]
        self.company = self._found(env)
        self.user = self._hire(env)
        self.warehouses = {f"{city}-{number}": self._build(env, number, steps) for number, steps in STEPS.items()}
        self.partners = self._meet(env)
        self.carriers = self._choose_carriers(env)
        self.sources = {name: self._let_in(env, name, values) for name, values in SOURCES.items()}

    def _found(self, env):
        company = env.ref("base.main_company")
        if self.city != "paris":
            company = env["res.company"].create({"name": self.city, "currency_id": company.currency_id.id})
        company.name = f"Hexagon {self.city}"
        company.partner_id.write({"country_id": env.ref(COUNTRIES[self.city]).id, "tz": self.zone})
        env["account.chart.template"].try_loading("generic_coa", company, install_demo=False)
        company.resource_calendar_id.tz = self.zone
        company.account_use_credit_limit = True
        return company

    def _hire(self, env):
        groups = [env.ref(name).id for name in GROUPS.split()]
        return (
            env["res.users"]
            .with_context(no_reset_password=True)
            .create(
                {
                    "name": f"Dispatcher of {self.city}",
                    "login": f"dispatcher-{self.city}",
                    "email": f"dispatcher@{self.city}.example",
                    "tz": self.zone,
                    "company_id": self.company.id,
                    "company_ids": [Command.set(self.company.ids)],
                    "group_ids": [Command.set(groups)],
                }
            )
        )

    def _build(self, env, number, steps):
        found = env["stock.warehouse"].search([("company_id", "=", self.company.id)])
        values = {"name": f"{self.city}-{number}", "code": f"{self.city[:2].upper()}{number}", **steps}
        if number == "1" and found:
            found.write(values)
            return found
        partner = self.company.partner_id.id
        return env["stock.warehouse"].create({**values, "company_id": self.company.id, "partner_id": partner})

    # ------------------------------------------------------------------ those whom they deal with
    def _meet(self, env):
        country = env.ref(COUNTRIES[self.city]).id
        tiers = {"Atelier": False, "Bistro": "standard", "Clinic": "key", "Alder": False, "Birch": False}
        return {name: self.add_partner(env, name, country, visibility_tier=tier) for name, tier in tiers.items()}

    def add_partner(self, env, name, country=None, **values):
        term = env.ref("account.account_payment_term_30days")
        partner = env["res.partner"].create(
            {
                "name": f"{name} of {self.city}",
                "is_company": True,
                "company_id": self.company.id,
                "country_id": country or env.ref(COUNTRIES[self.city]).id,
                "email": f"{name.lower()}@{self.city}.example",
                "tz": self.zone,
                **values,
            }
        )
        partner.with_company(self.company).property_payment_term_id = term
        return partner

    def _choose_carriers(self, env):
        freight = env["product.product"].create({"name": "Freight", "type": "service", "list_price": 0})
        codes = {"northline": "northline", "westline": "westline", "van": False}
        return {
            name: env["delivery.carrier"].create(
                {
                    "name": f"{name.title()} of {self.city}",
                    "company_id": self.company.id,
                    "delivery_type": "fixed",
                    "product_id": freight.id,
                    "visibility_carrier_code": code,
                }
            )
            for name, code in codes.items()
        }

    def _let_in(self, env, name, values):
        if name == "alder":
            values = {"partner_id": self.partners["Alder"].id}
        source = env["visibility.source"].create(
            {
                "name": f"{name} of {self.city}",
                "code": f"{self.city}-{name}",
                "company_id": self.company.id,
                "adapter": "canonical",
                "preset": "standard_webhooks",
                "owner_id": self.user.id,
                **values,
            }
        )
        secret = "a-test-only-secret-address" if values.get("preset") == "unsigned" else SECRET
        env["visibility.source.key"].create({"source_id": source.id, "name": "test", "secret": secret})
        return source


def make_products(env, houses):
    """Goods on the shelf, a kit, something made to order and something that goes straight to the customer."""
    products = {name: _make(env, name, price) for name, price in PRICES.items()}
    if "mrp.bom" in env:
        lines = [Command.create({"product_id": products[part].id, "product_qty": 1}) for part in ("tube", "flange")]
        template = products["kit"].product_tmpl_id.id
        env["mrp.bom"].create({"product_tmpl_id": template, "type": "phantom", "bom_line_ids": lines})
    mto = env.ref("stock.route_warehouse0_mto")
    mto.active = True
    buy = env.ref("purchase_stock.route_warehouse0_buy")
    products["lathe"].route_ids = [Command.set((mto | buy).ids)]
    dropship = env.ref("stock_dropshipping.route_drop_shipping", raise_if_not_found=False)
    if dropship:
        products["crane"].route_ids = [Command.set(dropship.ids)]
    for house in houses.values():
        for name, seller in (("lathe", "Birch"), ("crane", "Alder")):
            env["product.supplierinfo"].create(
                {
                    "product_tmpl_id": products[name].product_tmpl_id.id,
                    "partner_id": house.partners[seller].id,
                    "company_id": house.company.id,
                    "price": PRICES[name] / 2,
                    "delay": 5,
                }
            )
    return products


def _make(env, name, price):
    is_service = name == "advice"
    return env["product.product"].create(
        {
            "name": name.title(),
            "default_code": name.upper(),
            "list_price": price,
            "standard_price": price / 2,
            "type": "service" if is_service else "consu",
            "is_storable": not is_service and name != "kit",
            "invoice_policy": "order" if is_service else "delivery",
            "taxes_id": False,
            "supplier_taxes_id": False,
        }
    )
