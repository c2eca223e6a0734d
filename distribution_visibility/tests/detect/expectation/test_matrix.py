import traceback
from contextlib import contextmanager
from unittest.mock import patch

from odoo import Command, fields
from odoo.tests import tagged

from .expectation_case import ExpectationCase
from .matrix_shapes import SHAPES
from .matrix_stories import AT_RISK, BACKORDER, EARLIER, LATER, NOTHING, PROMISE, STORIES, WAREHOUSE, WITHOUT_STOCK

ALL = tuple(STORIES)
ON_TIME, FORGOTTEN, LATER_DAY, EARLIER_DAY, CANCELLED, STEP_CANCELLED, HALF, SUPPLIER, CARRIER = ALL

#: Which stories are told of which shape: all of those that differ most, of the others those that could tell.
MATRIX = {
    "one step": ALL,
    "two steps": ALL,
    "three steps": (ON_TIME, FORGOTTEN, EARLIER_DAY, STEP_CANCELLED, HALF),
    "received in one step": (FORGOTTEN,),
    "received in two steps": (FORGOTTEN, SUPPLIER),
    "received in three steps": (ON_TIME, HALF, SUPPLIER),
    "three steps in and out": (FORGOTTEN, SUPPLIER),
    "drop-ship": ALL,
    "made to order": (ON_TIME, FORGOTTEN, EARLIER_DAY, STEP_CANCELLED, HALF, SUPPLIER, CARRIER),
    "made to order, two steps": (ON_TIME, STEP_CANCELLED, SUPPLIER),
    "kit": (ON_TIME, FORGOTTEN, HALF, SUPPLIER, CARRIER),
    "dozens": (ON_TIME, HALF, SUPPLIER),
    "split": (LATER_DAY, CANCELLED, CARRIER),
    "split, two steps": (ON_TIME, FORGOTTEN),
    "merged": (ON_TIME, FORGOTTEN, SUPPLIER),
    "in batches": (ON_TIME, CARRIER),
    "by write": (FORGOTTEN, STEP_CANCELLED, HALF),
    "returned": (ON_TIME, FORGOTTEN),
    "exchanged": (ON_TIME, FORGOTTEN),
    "reserved by hand": (FORGOTTEN, HALF, SUPPLIER),
    "reserved on its day": (ON_TIME, LATER_DAY, STEP_CANCELLED),
}

#: What is not told rightly yet: (shape or None for all, story) to the row of the list of faults. An entry that is not
#: needed any more fails: take it out.
KNOWN = {}


@tagged("post_install", "-at_install")
class TestMatrix(ExpectationCase):
    """The same stories over every shape in which a distributor's goods flow, with the same answers.

    All of them are told at once: one clock goes through the days, each story does what is its turn, and after each
    moment the scheduled actions look. The tests only compare what was told.
    """

    ARRIVAL = "2026-02-12 09:00:00"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.told = {}
        cls.env.ref("distribution_visibility.expectation_invoiced").active = False
        cls.rules = cls.env["visibility.rule"].union(
            *(cls.env.ref(f"distribution_visibility.rule_{name}") for name in ("backorder", "stock_short"))
        )
        cls.rules.active = True

    # ------------------------------------------------------------------ telling
    def _get_told(self):
        """What was told, by shape and story: once for all tests, whichever comes first."""
        if not type(self).told:
            type(self).told = self._tell_all()
        return self.told

    def _tell_all(self):
        self._travel("2026-02-09 08:00:00")
        tales = [Tale(self, shape, story) for shape, stories in MATRIX.items() for story in stories]
        self._follow()
        for when in sorted({when for tale in tales for when in tale.steps}, key=self._at):
            self._travel(self._at(when))
            turn = [tale for tale in tales if when in tale.steps and not tale.failed]
            for tale in turn:
                tale.act(when)
            self._look()
            for tale in turn:
                tale.write_down(when)
        return {(tale.name, tale.story): tale for tale in tales}

    def _at(self, when):
        """A moment (UTC) from words such as *Tue 10 10:00*, on the clock in Berlin."""
        _weekday, day, time = when.split()
        return self._utc(f"2026-02-{day} {time}:00")

    def _look(self):
        """The scheduled actions' work, without their commits."""
        while self._scan():
            pass
        for rule in self.rules:
            rule._run("by_hand")
        self.env.flush_all()

    # ------------------------------------------------------------------ what shapes are made of
    def setUp(self):
        super().setUp()
        self.warehouses = {}

    def _get_warehouse(self, *key):
        out, into, reserves, _works = key
        if key not in self.warehouses:
            warehouse = self.env["stock.warehouse"].create(
                {
                    "name": "-".join(key),
                    "code": f"M{len(self.warehouses)}",
                    "delivery_steps": out,
                    "reception_steps": into,
                    "partner_id": self.warehouse.partner_id.id,
                }
            )
            types = warehouse.pick_type_id | warehouse.pack_type_id | warehouse.out_type_id
            types.write({"reservation_method": reserves, "reservation_days_before": 0})
            self.warehouses[key] = warehouse
        return self.warehouses[key]

    def _get_dropship_type(self):
        kinds = self.env["stock.picking.type"]
        suppliers, customers = "default_location_src_id.usage", "default_location_dest_id.usage"
        domain = [(suppliers, "=", "supplier"), (customers, "=", "customer"), ("company_id", "=", self.company.id)]
        return kinds.search(domain, limit=1) or kinds.create(
            {
                "name": "Straight",
                "code": "incoming",
                "sequence_code": "DS",
                "company_id": self.company.id,
                "warehouse_id": False,
                "default_location_src_id": self.env.ref("stock.stock_location_suppliers").id,
                "default_location_dest_id": self.env.ref("stock.stock_location_customers").id,
            }
        )

    @contextmanager
    def _as_kit(self, kit, parts):
        """Moves of the kit become moves of its parts, as Odoo's manufacturing does it; by itself where it is there."""
        if "mrp.bom" in self.env:
            lines = [Command.create({"product_id": one.id, "product_qty": of_one}) for one, of_one in parts.items()]
            template = kit.product_tmpl_id.id
            self.env["mrp.bom"].create({"product_tmpl_id": template, "type": "phantom", "bom_line_ids": lines})
            yield
            return
        moves = self.env.registry["stock.move"]
        confirm = moves._action_confirm

        def explode(some, *args, **kwargs):
            kits = some.filtered(lambda move: move.product_id == kit)
            values = [
                {**move.copy_data({"product_id": one.id, "product_uom": one.uom_id.id})[0],
                 "product_uom_qty": move.product_uom_qty * of_one}
                for move in kits for one, of_one in parts.items()
            ]  # fmt: skip
            others = some - kits
            kits.unlink()
            return confirm(others | some.create(values), *args, **kwargs)

        with patch.object(moves, "_action_confirm", explode):
            yield

    # ------------------------------------------------------------------ comparing
    def _compare(self, shape):
        for story in MATRIX[shape]:
            tale, row = self._get_told()[shape, story], KNOWN.get((shape, story)) or KNOWN.get((None, story))
            with self.subTest(shape=shape, story=story):
                if row:
                    self.assertTrue(tale.get_wrong(), f"{row} is mended here: take the entry out of KNOWN")
                else:
                    self.assertFalse(tale.get_wrong(), "\n".join(tale.get_wrong()))

    def test_every_shape_and_every_story_is_told(self):
        self.assertEqual(set(MATRIX), set(SHAPES))
        self.assertEqual({story for stories in MATRIX.values() for story in stories}, set(STORIES))
        known = {(shape, story) for shape, stories in MATRIX.items() for story in stories}
        self.assertFalse({key for key in KNOWN if key[0] and key not in known})


class Tale:
    """One story of one shape, as it is told."""

    def __init__(self, case, name, story):
        self.case, self.name, self.story = case, name, story
        self.steps = {when: (act, answer) for when, act, answer in STORIES[story]}
        self.answers, self.failed, self.scans = [], "", 0
        with self._noted("it begins"):
            self.shape = SHAPES[name](case)
            self.order = self.shape.sell(case._utc(PROMISE), story not in WITHOUT_STOCK)
            self.number = f"1Z{self.order.id:010}"

    @contextmanager
    def _noted(self, when):
        """What fails in one story does not end the others."""
        try:
            with self.case.env.cr.savepoint():
                yield
                self.case.env.flush_all()
        except Exception:
            self.failed = f"{when}: {traceback.format_exc()}"
            self.case.env.invalidate_all()

    # ------------------------------------------------------------------ what happens
    def act(self, when):
        act, _answer = self.steps[when]
        if act:
            with self._noted(when):
                getattr(self, f"do_{act}", lambda: getattr(self.shape, act)(self.order))()

    def do_receive(self):
        self.shape.receive()

    def do_ship_by_carrier(self):
        self.shape.ship(self.order, self.number)

    def do_promise_later(self):
        self.order.commitment_date = self.case._utc(LATER)

    def do_promise_earlier(self):
        self.order.commitment_date = self.case._utc(EARLIER)

    def do_cancel(self):
        self.order._action_cancel()

    def do_supplier_late(self):
        self.shape.move_supplier("2026-02-18 09:00:00")

    def do_collect(self):
        self.report("picked_up")

    def do_scan(self):
        self.report("in_transit")

    def do_deliver(self):
        self.report("delivered")

    def report(self, milestone):
        """The carrier reports a milestone of what has left with this number."""
        moment = f"{fields.Datetime.now():%Y-%m-%dT%H:%M:%SZ}"
        data = {"milestone": milestone, "occurred_at": moment, "tracking_number": self.number, "carrier": "UPS"}
        self.case._tell(self.case.canonical, self.case._canonical("shipment.milestone", data, moment=moment))

    # ------------------------------------------------------------------ what is told
    def write_down(self, when):
        if self.failed:
            return
        exceptions = self.case.env["visibility.exception"].search([("sale_order_ids", "in", self.order.ids)])
        found = frozenset(self.case._filter_told(exceptions).mapped("category_id.code"))
        _act, answer = self.steps[when]
        if answer == AT_RISK:
            found = AT_RISK if self.order.visibility_is_at_risk else NOTHING
        self.answers.append((when, found, self.adapt(answer)))

    def adapt(self, answer):
        """Nobody of ours can hurry what a supplier sends straight; what was left behind is told until it goes."""
        if self.shape.has_backorder and self.shape.get_open(self.order):
            answer = answer | {BACKORDER}
        return frozenset(answer) if self.shape.is_ours else frozenset(answer) - {WAREHOUSE}

    def get_wrong(self):
        wrong = [
            f"{when}: {sorted(found) or 'nothing'} is open, {sorted(answer) or 'nothing'} should be"
            for when, found, answer in self.answers
            if found != answer
        ]
        return [self.failed] if self.failed else wrong


def _add_tests():
    """One test for each shape, so that each is named where it fails."""
    for shape in MATRIX:
        name = "test_the_stories_of_" + shape.replace(",", "").replace("-", "_").replace(" ", "_")
        setattr(TestMatrix, name, lambda self, shape=shape: self._compare(shape))


_add_tests()
