"""How well what was found agrees with what a careful dispatcher says: precision and recall for each detector."""

from dataclasses import dataclass

from scripts.stories import told

AIM = 0.98
CARRIER = (
    "delayed_in_transit weather_or_disaster labour_or_civil vehicle_or_equipment misrouted delivery_attempt_failed "
    "address_problem refused customs_hold documents_missing damaged lost_or_stolen shortage held_by_carrier "
    "unclaimed_at_pickup_point return_to_sender rejected_cancelled_disposed data_quality"
)
DETECTORS = {
    "What carriers report": CARRIER,
    "Late risk": "late_risk",
    "Late in the warehouse": "warehouse_late capacity_down priority_changed",
    "Stock and backorders": "stock_short allocation_lost backorder",
    "Carrier collects, scans, proves": "pickup_missed stale_no_update proof_missing",
    "Suppliers acknowledge, announce": "ack_overdue asn_overdue",
    "Goods received": "receipt_overdue receipt_incomplete",
    "What suppliers propose": "supplier_change_proposed supplier_reject_or_backorder",
    "Ship notices compared": "receipt_or_asn_discrepancy",
    "Invoices and credit": "credit_hold billing_late invoice_blocked payment_overdue",
    "Returns and answers": "response_overdue",
    "Orders left lying, incomplete": "stale_document order_incomplete",
    "Shipments nobody knows": "unmatched_shipment shipment_undecided",
}
DETECTOR_OF = {category: name for name, categories in DETECTORS.items() for category in categories.split()}
ORDERS, PARTNERS = "At risk: orders", "At risk: partners"


@dataclass
class Count:
    right: int = 0
    false: int = 0
    missed: int = 0

    @property
    def precision(self):
        return self.right / (self.right + self.false) if self.right + self.false else 1.0

    @property
    def recall(self):
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0

    @property
    def is_good(self):
        return min(self.precision, self.recall) >= AIM


def compare(looks):
    """Count what each look at a story showed, and say in a sentence where it disagrees.

    :param looks: what :mod:`scripts.stories.looking` wrote down
    :return: counts by detector, sentences
    """
    counts = {name: Count() for name in [*DETECTORS, ORDERS, PARTNERS]}
    sentences = []
    for look in looks:
        _compare_exceptions(look, counts, sentences)
        for what, name in (("orders", ORDERS), ("partners", PARTNERS)):
            _compare_marks(look, what, counts[name], sentences)
    return counts, sentences


def _compare_exceptions(look, counts, sentences):
    labels, found = look["labels"], look["found"]
    must = [label for label in labels if not label["may"]]
    pairs = _match(must, found)
    taken = set(pairs.values())
    for index, label in enumerate(must):
        shown = [one for one in found if _fits(label, one)]
        said = pairs.get(index)
        category = found[said]["category"] if said is not None else label["categories"][0]
        if shown:
            counts[DETECTOR_OF[category]].right += 1
        else:
            counts[DETECTOR_OF[category]].missed += 1
            sentences.append(_say(look, f"missed: {_name(label)}"))
    for index, one in enumerate(found):
        if index not in taken and not any(_fits(label, one) for label in labels if label["may"]):
            counts[DETECTOR_OF.get(one["category"], "What carriers report")].false += 1
            twice = "told twice: " if any(_fits(label, one) for label in must) else "false: "
            about = " ".join(one["shows"]) or one["about"]
            sentences.append(_say(look, f"{twice}{one['category']} on {about} ({one['reason']})"))


def _match(labels, found):
    """A largest set of pairs of labels and exceptions (Kuhn's way); one label, one exception."""
    label_of, pairs = {}, {}

    def place(index, tried):
        for other, one in enumerate(found):
            if other not in tried and _fits(labels[index], one):
                tried.add(other)
                if other not in label_of or place(label_of[other], tried):
                    label_of[other] = index
                    return True
        return False

    for index in range(len(labels)):
        place(index, set())
    for other, index in label_of.items():
        pairs[index] = other
    return pairs


def _fits(label, one):
    is_shown = all(any(name in one["shows"] for name in names) for names in label["documents"])
    return one["category"] in label["categories"] and is_shown


def _compare_marks(look, what, count, sentences):
    expected = look[f"expected_{what}"]
    if expected is None:
        return
    for name in sorted({*expected, *look[f"marked_{what}"]}):
        if name in expected and name in look[f"marked_{what}"]:
            count.right += 1
        elif name in expected:
            count.missed += 1
            sentences.append(_say(look, f"not marked at risk: {name}"))
        else:
            count.false += 1
            sentences.append(_say(look, f"marked at risk for nothing: {name}"))


def _name(label):
    return f"{'|'.join(label['categories'])} on {' '.join('|'.join(names) for names in label['documents'])}"


def _say(look, what):
    return f"{look['title']} [{look['house']}, {look['when']}, {look['place']}]: {what}"


def render(counts):
    """The table that `make stories` prints."""
    head = ("detector", "right", "false", "missed", "precision", "recall")
    rows = [
        (name, count.right, count.false, count.missed, f"{count.precision:.3f}", f"{count.recall:.3f}")
        for name, count in counts.items()
    ]
    total = sum_up(counts)
    rows.append(("all", total.right, total.false, total.missed, f"{total.precision:.3f}", f"{total.recall:.3f}"))
    width = max(len(row[0]) for row in rows)
    return "\n".join(
        f"{row[0]:{width}}  {row[1]!s:>6}  {row[2]!s:>6}  {row[3]!s:>6}  {row[4]:>9}  {row[5]:>6}"
        for row in [head, *rows]
    )


def sum_up(counts):
    return Count(*(sum(getattr(count, name) for count in counts.values()) for name in ("right", "false", "missed")))


def as_labels(line):
    """An `expect` line as plain data."""
    labels = told.read_labels(line.head[0])
    quiet = not any(not label.may for label in labels)
    return {
        "labels": [vars(label) for label in labels],
        "expected_orders": told.read_marked(line, "risk", quiet and not labels),
        "expected_partners": told.read_marked(line, "partners", False),
    }
