import logging
from collections import namedtuple
from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from psycopg2.errors import UniqueViolation

from .visibility_message import OPEN

_logger = logging.getLogger(__name__)

NOTED = "visibility.message.noted"
#: By model of a document the field of a transfer that says which it belongs to.
OWN_TRANSFERS = {"sale.order": "sale_id", "purchase.order": "purchase_id"}

#: What is to be told to one partner about one incident. ``document`` is the order it is posted on.
Want = namedtuple("Want", "plan incident document exceptions shipment")


class VisibilityMessage(models.Model):
    """How occasions become drafts: noted while something happens, looked at once before the commit, in sets."""

    _inherit = "visibility.message"

    # ------------------------------------------------------------------ noting
    @api.model
    def _note(self, kind, records):
        """Remember that something happened that a partner may have to hear of.

        :param str kind: ``opened`` or ``ended`` (exceptions), ``moved`` or ``dated`` (shipments)
        """
        if not records:
            return
        noted = self.env.cr.precommit.data.setdefault(NOTED, {})
        if not noted:
            self.env.cr.precommit.add(self.env(user=SUPERUSER_ID, su=True, context={})[self._name]._work_off_noted)
        noted.setdefault(kind, set()).update(records.ids)

    @api.model
    def _work_off_noted(self):
        """Before the commit: draft now, or a moment later where somebody waits for the answer."""
        noted = self.env.cr.precommit.data.pop(NOTED, {})
        if noted and self.env["visibility.follow.up"]._is_somebody_waiting():
            self.env["visibility.follow.up"]._leave("messages", noted)
        elif noted:
            self._follow_guarded(noted)

    @api.model
    def _follow_guarded(self, noted):
        """Draft what was noted; what fails here stops nobody's work.

        Two transactions that draft about the same incident at once: the later one looks again after the first.
        """
        try:
            with self.env.cr.savepoint():
                self._follow(noted)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except UniqueViolation:
            self.env["visibility.follow.up"]._leave("messages", noted)
        except Exception:
            _logger.exception("messages about %s could not be drafted", noted)

    @api.model
    def _follow(self, noted):
        """Bring drafts in line with what happened: end those that are over, refresh what there is, make new ones."""
        exceptions = self.env["visibility.exception"].sudo()
        shipments = self.env["visibility.shipment"].sudo()
        ended = exceptions.browse(noted.get("ended", ())).exists().filtered(lambda one: not one.is_open)
        moved = shipments.browse(noted.get("moved", ())).exists()
        dated = shipments.browse(noted.get("dated", ())).exists()
        self._end_with(ended)
        opened = exceptions.browse(noted.get("opened", ())).exists()
        self._refresh_dates(dated)
        self._draft(
            [
                *self._want_opened(opened.filtered(lambda one: one.is_open and not one.is_unproven)),
                *self._want_cleared(ended.filtered(lambda one: one.state == "resolved")),
                *self._want_moved(moved),
                *self._want_dated(dated),
            ]
        )
        self._end_passed(moved)
        self.env.flush_all()

    # ------------------------------------------------------------------ who is to be told what
    @api.model
    def _get_plans(self, event):
        return [plan for plan in self.env["visibility.message.occasion"]._get_plans() if plan.event == event]

    @api.model
    def _want_opened(self, exceptions):
        return [
            want
            for plan in self._get_plans("opened")
            for exception in exceptions
            if exception.category_id.id in plan.categories and plan.company_id in (0, exception.company_id.id)
            for want in self._get_wants(plan, exception)
        ]

    @api.model
    def _want_cleared(self, exceptions):
        """Only who was told of the trouble hears that it is over."""
        plans = self._get_plans("cleared")
        if not plans or not exceptions:
            return []
        told = self.sudo().search([("exception_ids", "in", exceptions.ids), ("state", "=", "sent")])
        pairs = {(one.incident_key, one.partner_id, one.audience) for one in told}
        return [
            want
            for plan in plans
            for exception in exceptions & told.exception_ids
            if exception.category_id.id in plan.categories and plan.company_id in (0, exception.company_id.id)
            for want in self._get_wants(plan, exception)
            if self._get_key(want) in pairs
        ]

    @api.model
    def _want_moved(self, shipments):
        """Milestones of shipments that are on their way to somebody; not what a carrier reports days later."""
        now = fields.Datetime.now()
        return [
            want
            for plan in self._get_plans("milestone")
            for shipment in self._get_telling(shipments)
            if shipment.milestone_id.id in plan.milestones
            and plan.company_id in (0, shipment.company_id.id)
            and (not plan.max_age_hours or shipment.milestone_at > now - timedelta(hours=plan.max_age_hours))
            for want in self._get_wants(plan, shipment)
        ]

    @api.model
    def _want_dated(self, shipments):
        """A new day is an occasion of its own, or news of the trouble that was told of."""
        trouble = shipments.exception_ids.filtered(lambda one: one.is_open and not one.is_unproven)
        return self._want_opened(trouble) + [
            want
            for plan in self._get_plans("date")
            for shipment in self._get_telling(shipments)
            if plan.company_id in (0, shipment.company_id.id)
            for want in self._get_wants(plan, shipment)
        ]

    @api.model
    def _get_telling(self, shipments):
        return shipments.filtered(lambda one: not one.is_test and one.direction != "return")

    @api.model
    def _get_wants(self, plan, subject):
        """One for each partner whose order it is: nobody hears of somebody else's."""
        shipment = self._get_incident_shipment(subject)
        exceptions = subject if subject._name == "visibility.exception" else self.env["visibility.exception"]
        found = {}
        for document in self._get_documents(plan.audience, subject):
            found.setdefault(self._get_recipient(document), document)
        incident = self._get_incident(subject, shipment)
        return [Want(plan, incident, document, exceptions, shipment) for document in found.values()]

    @api.model
    def _get_documents(self, audience, subject):
        """Seam: the orders of a shipment or exception that partners are told of."""
        orders = subject[f"{'sale' if audience == 'customer' else 'purchase'}_order_ids"]
        states = ("sale",) if audience == "customer" else ("purchase", "done")
        return orders.filtered(lambda order: order.state in states and order.company_id == subject.company_id)

    @api.model
    def _get_recipient(self, document):
        """Seam: who is told. The contact of the order; where it has no address, its company."""
        partner = document.partner_id
        company = partner.commercial_partner_id
        return company if not partner.email and company.email else partner

    @api.model
    def _get_incident_shipment(self, subject):
        """The shipment that something is about; of an order's trouble the one that is under way, if it is only one."""
        if subject._name == "visibility.shipment":
            return subject
        if subject.shipment_id:
            return subject.shipment_id
        # Not the transfers of what was merged into it
        field = OWN_TRANSFERS.get(subject.res_model)
        own = subject.picking_ids.filtered(lambda one: field and one[field].id == subject.res_id)
        under_way = own.visibility_shipment_ids.filtered(
            lambda one: one.is_current and not one.is_test and not one.delivered_at and one.direction != "return"
        )
        return under_way if len(under_way) == 1 else under_way.browse()

    @api.model
    def _get_incident(self, subject, shipment):
        """What makes several occasions one incident: the shipment, else the document."""
        if shipment:
            return f"visibility.shipment,{shipment.id}"
        return f"{subject.res_model},{subject.res_id}"

    @api.model
    def _get_key(self, want):
        return want.incident, self._get_recipient(want.document), want.plan.audience

    # ------------------------------------------------------------------ drafts
    @api.model
    def _draft(self, wants, is_asked=False, **values):
        """Make or refresh one draft for each (incident, partner, audience).

        :param list wants: all that happened, in any order
        :param is_asked: somebody asks for it: also where the partner was told of it before
        :param values: what is written on those that are new, such as ``origin``
        :return: dict of keys (incident, partner, audience) to messages, those that there were included
        """
        groups = {}
        for want in sorted(wants, key=lambda want: (not want.exceptions, want.plan.sequence)):
            groups.setdefault(self._get_key(want), []).append(want)
        known = self._find_known(groups)
        drafts, new = {}, {}
        for key, group in groups.items():
            history = known.get(key, self.browse())
            current = history.filtered(lambda one: one.state in OPEN)[:1]
            if current:
                current._refresh(group)
                drafts[key] = current
            elif fitting := [want for want in group if is_asked or self._is_news(want, history)]:
                new[key] = {**self._prepare_draft(fitting), **values}
        # What has just ended makes room for these in the index of open ones
        self.flush_model(["state"])
        made = self.sudo().create(list(new.values()))
        made._refuse_impossible()
        self.browse().union(made, *drafts.values())._mark_exceptions()
        return {**drafts, **dict(zip(new, made, strict=True))}

    @api.model
    def _find_known(self, keys):
        """What was written about these incidents before, newest first, by key."""
        if not keys:
            return {}
        messages = self.sudo().search([("incident_key", "in", list({key[0] for key in keys}))], order="id desc")
        return messages.grouped(lambda one: (one.incident_key, one.partner_id, one.audience))

    @api.model
    def _is_news(self, want, history):
        """Whether a partner who was told something of the incident (or whose draft was discarded) hears this, too."""
        plan = want.plan
        same = history.filtered(lambda one: one.occasion_id.id == plan.id)
        told = history.filtered(lambda one: one.state == "sent")
        if plan.event == "date":
            return (plan.tells_updates or not told) and self._is_new_date(want, told, plan.date_hours)
        if not told:
            return plan.event == "cleared" or not same or bool(want.exceptions - same.exception_ids)
        if plan.event == "milestone":
            return plan.tells_updates and not same
        if plan.event == "cleared":
            return not same
        is_other = bool(want.exceptions - told.exception_ids)
        return plan.tells_updates and (is_other or self._is_new_date(want, told, plan.date_hours))

    @api.model
    def _is_new_date(self, want, told, hours):
        """Whether the expected arrival differs by more than ``hours`` from what was told, or promised, last."""
        eta, shipment = want.shipment.eta, want.shipment
        if not eta or shipment.delivered_at or shipment.eta_source not in ("carrier", "person"):
            return False
        before = told[:1].told_date or shipment.promised_at
        return bool(before) and abs((eta - before).total_seconds()) >= hours * 3600

    @api.model
    def _prepare_draft(self, wants):
        """Values of a draft about what stands highest of these."""
        want = wants[0]
        exceptions = self.env["visibility.exception"].union(*(one.exceptions for one in wants))
        document = want.document
        occasion = self.env["visibility.message.occasion"].sudo().browse(want.plan.id or ())
        return {
            "company_id": document.company_id.id,
            "audience": want.plan.audience,
            "partner_id": self._get_recipient(document).id,
            "user_id": (exceptions[:1].user_id or document.user_id).id,
            "incident_key": want.incident,
            "shipment_id": want.shipment.id,
            "exception_ids": [fields.Command.set(exceptions.ids)],
            self._get_document_field(want.plan.audience): document.id,
            **self._prepare_occasion(want, occasion),
        }

    @api.model
    def _prepare_occasion(self, want, occasion):
        return {
            "occasion_id": occasion.id,
            "template_id": occasion.template_id.id,
            "exception_id": want.exceptions[:1].id,
            "milestone_id": want.shipment.milestone_id.id,
        }

    def _refresh(self, wants):
        """Something more happened before this was sent: it is told instead, or along with it.

        What a draft says of an exception that is still open stays, unless the new occasion stands higher up.
        """
        best = wants[0]
        exceptions = self.env["visibility.exception"].union(*(one.exceptions for one in wants))
        values = {"exception_ids": [fields.Command.link(one.id) for one in exceptions - self.exception_ids]}
        values = {name: links for name, links in values.items() if links}
        if best.plan.id and best.plan.id != self.occasion_id.id and not self._stands_before(best.plan):
            occasion = self.env["visibility.message.occasion"].sudo().browse(best.plan.id)
            values.update(self._prepare_occasion(best, occasion))
        if values:
            self.sudo().write(values)
            self._note_news()

    def _stands_before(self, plan):
        """Whether what this says of an exception is still true, and no less important."""
        occasion = self.occasion_id
        is_true = occasion.event == "opened" and any(self.exception_ids.mapped("is_open"))
        return is_true and occasion.sequence <= plan.sequence

    def _note_news(self):
        """What a person wrote or released is not changed behind their back: they look once more."""
        self._back_to_review(self.env._("There was news before it was sent."))
        self.filtered("is_edited").sudo().is_outdated = True

    def _back_to_review(self, reason):
        waiting = self.filtered(lambda one: one.state == "waiting").sudo()
        waiting.filtered(lambda one: not one.is_edited).write({"text_subject": False, "text_body": False})
        waiting.write(
            {
                "state": "draft",
                "send_from": False,
                "waits_for": False,
                "released_by_id": False,
                "automation_id": False,
                "released_at": False,
                "reason": reason,
            }
        )

    @api.model
    def _refresh_dates(self, shipments):
        """Drafts show the new day by themselves; what a person edited or released is looked at again."""
        if not shipments:
            return
        drafts = self.sudo().search([("shipment_id", "in", shipments.ids), ("state", "in", OPEN)])
        drafts.filtered(lambda one: one.is_edited or one.state == "waiting")._note_news()


class VisibilityFollowUp(models.Model):
    _inherit = "visibility.follow.up"

    @api.model
    def _follow_messages(self, ids_by_key):
        self.env["visibility.message"].sudo()._follow_guarded(ids_by_key)
