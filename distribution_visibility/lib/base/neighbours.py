"""What other people's add-ons say in fields of their own, read where they are installed.

An add-on of ours that only reads a field would be fifteen files around one line. So the core asks whether the field is
there; it imports nothing of its neighbours, and where they are not there all is as Odoo has it. What has to *act* with
a neighbour (its writes, its wizards, its own models) is an add-on that installs itself.
"""

#: Model and field of somebody else's to the OCA add-on that brings it. Nothing else is asked for by :func:`told`.
FIELDS = {
    ("sale.order.line", "commitment_date"): "sale_order_line_date",
    ("sale.order", "old_revision_ids"): "sale_order_revision",
    ("res.partner", "risk_exception"): "account_financial_risk",
    ("res.partner", "risk_amount_exceeded"): "account_financial_risk",
    ("delivery.carrier", "destination_type"): "delivery_multi_destination",
}
#: The same for models.
MODELS = {"calendar.public.holiday": "calendar_public_holiday"}


def told(record, name, default=False):
    """What a neighbour's field says of a record.

    :raises KeyError: for a field that is not in the table above
    """
    FIELDS[record._name, name]
    return record[name] if name in record._fields else default


def ask(env, name):
    """A neighbour's model, None where it is not here.

    :raises KeyError: for a model that is not in the table above
    """
    MODELS[name]
    return env[name].sudo() if name in env else None


def knows(records, name):
    """Whether the neighbour is here who brings a field."""
    FIELDS[records._name, name]
    return name in records._fields
