from odoo import fields, models

from ....lib.base.days import is_later_day
from ....lib.base.grant import WANTED_BY
from .visibility_promise import WANTED_BY_WHOM


class VisibilityPromiseMixin(models.AbstractModel):
    """An order or line that keeps its first and its latest promise, whatever Odoo does to its dates."""

    _name = "visibility.promise.mixin"
    _description = "Document with a promise"

    #: The field of a promise that holds records of this model.
    _visibility_promise_field = None
    #: Who moves it where nobody says who wanted it.
    _visibility_moved_by = "us"
    #: Whose wish is no fault of whoever promised: what they ask for is what counts then.
    _visibility_excused_by = ()

    visibility_first_promise_at = fields.Datetime(
        "First promise",
        readonly=True,
        copy=False,
        help="What was promised when the order was confirmed, or what whoever waits for it asked for since: what "
        "performance is measured against.",
    )
    visibility_promise_at = fields.Datetime(
        "Latest promise", readonly=True, copy=False, help="What was promised last; the history says who moved it."
    )

    visibility_anew_at = fields.Datetime(
        "Confirmed anew",
        readonly=True,
        copy=False,
        help="It was cancelled and confirmed again: what was promised and reported before does not count any more.",
    )

    #: The state in which something is promised.
    _visibility_confirmed_state = None

    def _get_promised_date(self):
        """The date (naive UTC) that is promised now, False when none is or the order is not confirmed."""
        raise NotImplementedError

    def _get_earlier_promise(self):
        """Seam: what was promised first (naive UTC) of what this replaces, such as the order before its revision."""
        return False

    def _take_over_promises(self):
        """What replaces something promised is measured by the promise of that: it is the first one of this."""
        earlier = {}
        for record in self.filtered(lambda one: not one.visibility_promise_at):
            if (promised := record._get_earlier_promise()) and record._get_promised_date():
                earlier[record] = promised
        rows = [one._prepare_promise(date) for one, date in earlier.items()]
        self.env["visibility.promise"].sudo().create(rows)
        for record, row in zip(earlier, rows, strict=True):
            record.sudo().with_context(tracking_disable=True).write(record._prepare_promise_dates(row))

    def _get_beginning(self, vals):
        """Of these those that such a write confirms, whoever writes it: a button, an import, another add-on."""
        confirmed = self._visibility_confirmed_state
        return self.filtered(lambda one: one.state != confirmed) if vals.get("state") == confirmed else self.browse()

    def _begin_promises(self):
        """These were confirmed just now: what an earlier confirmation promised is history. Gives those that had one."""
        again = self.filtered("visibility_promise_at")
        if again:
            again.sudo().with_context(tracking_disable=True).write(
                {
                    "visibility_first_promise_at": False,
                    "visibility_promise_at": False,
                    "visibility_anew_at": fields.Datetime.now(),
                }
            )
        return again

    def _keep_promises(self):
        """Write down promises that are new or moved: one batch, and nothing where nothing moved."""
        self._take_over_promises()
        moved = self.browse()
        rows = []
        for record in self:
            promised = record._get_promised_date()
            if promised and promised != record.visibility_promise_at:
                rows.append(record._prepare_promise(promised))
                moved |= record
        self.env["visibility.promise"].sudo().create(rows)
        for record, row in zip(moved, rows, strict=True):
            record.sudo().with_context(tracking_disable=True).write(record._prepare_promise_dates(row))
        return moved

    def _prepare_promise(self, promised):
        return {
            self._visibility_promise_field: self.id,
            "company_id": self.company_id.id,
            "promised_at": promised,
            "previous_at": self.visibility_promise_at,
            "is_first": not self.visibility_promise_at,
            "user_id": self.env.uid,
            "reason": self.env.context.get("visibility_promise_reason"),
            "wanted_by": self.visibility_promise_at and self._get_wanted_by(),
        }

    def _get_wanted_by(self):
        """Who wanted the promise to move: as a person said where they moved it, else whoever moves it usually."""
        wanted_by = WANTED_BY.get(self.env.context)
        return wanted_by if wanted_by in dict(WANTED_BY_WHOM) else self._visibility_moved_by

    def _prepare_promise_dates(self, row):
        promised = row["promised_at"]
        is_new_start = not self.visibility_first_promise_at or row["wanted_by"] in self._visibility_excused_by
        first = {"visibility_first_promise_at": promised} if is_new_start else {}
        return {"visibility_promise_at": promised, **first}

    # ------------------------------------------------------------------ days
    def _get_visibility_zone(self):
        """The name of the time zone whose days count for its promises: where its goods are delivered."""
        raise NotImplementedError

    def _is_later(self, promised, first):
        """Whether a date (naive UTC) is on a later day than the first promise, where the goods are delivered."""
        return bool(promised and first) and is_later_day(promised, first, self._get_visibility_zone())
