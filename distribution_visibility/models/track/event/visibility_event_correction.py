import uuid

from odoo import api, fields, models
from odoo.exceptions import UserError

from ....lib.track.milestones import RANK_DELIVERED, RANK_PICKED_UP, Position


class VisibilityEvent(models.Model):
    """What is mended on the timeline: by a named person who knows better, or by the sender who takes it back.

    A correction is a fact like any other, with who and why. It may move a shipment back: what happened before it
    was decided no longer moves the shipment, what happens later goes on from there.

    Facts that are taken back are marked, never deleted, and everything they did is undone. A retraction is kept as
    an event of its own, so that it also reaches a fact that arrives later.
    """

    _inherit = "visibility.event"  # pylint: disable=consider-merging-classes-inherited

    def _is_position_correction(self):
        return bool(self.kind == "correction" and self.milestone_id)

    def _is_news(self):
        """Whether it says something of the shipment, and not only of what was recorded where."""
        return self.kind != "correction" or bool(self.milestone_id or self.category_id or self.eta)

    def _is_on_the_way(self):
        """Whether it says that something moves, and has not arrived."""
        rank = self.milestone_id.rank
        moves = RANK_PICKED_UP <= rank < RANK_DELIVERED or self.milestone_id.branch == "return"
        return self.counts and (self.is_return or moves)

    def _get_position(self):
        return Position(self.milestone_id.rank, self.occurred_at, self.milestone_id.id)

    def _get_correction_headline(self):
        what = self.category_id.name or self.milestone_id.name or (self.eta and self.env._("ETA")) or self.description
        return self.env._("Corrected: %(what)s", what=what)

    # ------------------------------------------------------------------ corrections
    @api.model
    def _check_may_correct(self, reason):
        if not self.env.user.has_group("distribution_visibility.group_coordinator"):
            raise UserError(self.env._("Only a coordinator may correct what is known of a shipment."))
        if not (reason or "").strip():
            raise UserError(self.env._("Say why: the reason stays on the timeline with your name."))

    @api.model
    def _correct(self, shipment, reason, **values):
        """Record what a person says of a shipment, and let it take effect.

        :param values: of the event: ``milestone_id``, ``category_id``, ``eta``, ``occurred_at`` (naive UTC), ...
        """
        self._check_held(shipment, values)
        self._check_may_correct(reason)
        event = self.sudo().create(self._prepare_correction(shipment, reason, values))
        event._take_effect()
        if event.milestone_id:
            event.env["visibility.exception"]._follow_correction(event.shipment_id)
        event._tell_correction()
        return event

    @api.model
    def _prepare_correction(self, shipment, reason, values):
        now = fields.Datetime.now()
        return {
            "kind": "correction",
            "shipment_id": shipment.id,
            "company_id": shipment.company_id.id,
            "user_id": self.env.uid,
            "reason": reason.strip(),
            "fingerprint": f"correction:{uuid.uuid4()}",
            "occurred_at": now,
            "received_at": now,
            "is_time_known": True,
            "is_offset_known": True,
            **values,
        }

    def _tell_correction(self):
        """The chatter of the shipment says it too: whoever follows it learns of it."""
        for event in self:
            event.shipment_id.message_post(
                body=self.env._("%(what)s. Why: %(reason)s", what=event.headline, reason=event.reason),
                author_id=event.user_id.partner_id.id,
            )

    # ------------------------------------------------------------------ about another shipment
    def _move_to(self, target, reason, is_remembered=True):
        """A person says that these facts are about another shipment of the same company.

        :param is_remembered: what the same senders say of this number later goes there, too
        """
        self._check_may_correct(reason)
        events, target = self.sudo().filtered(lambda event: event.kind != "correction"), target.sudo()
        if not events or target in events.shipment_id or target.company_id != events.company_id:
            raise UserError(self.env._("Choose events, and another shipment of the same company for them."))
        events._give_to(target, reason)
        if is_remembered:
            events.env["visibility.shipment.choice"]._remember(events, target, self.env.user)

    def _give_to(self, target, reason):
        """Have these facts be about another shipment, and undo what they did to the ones that they were told of."""
        for shipment, mine in self.grouped("shipment_id").items():
            place = {"shipment_id": target.id, "moved_from_id": shipment.id, "company_id": target.company_id.id}
            mine.write(place)
            notes = self._note_move(mine, shipment, target, reason)
            shipment._recompute_from_timeline()
            shipment._forget_moved(mine)
            self.env["visibility.exception"]._follow_move(mine, shipment, notes[0])
            (shipment | target)._follow_links()
        self._take_effect()

    def _note_move(self, events, shipment, target, reason):
        """One line on the timeline of either shipment."""
        gone = self.env._("%(count)s event(s) moved to %(number)s", count=len(events), number=target.number)
        here = self.env._("%(count)s event(s) moved here from %(number)s", count=len(events), number=shipment.number)
        notes = self.sudo().create(
            [
                self._prepare_correction(shipment, reason, {"description": gone}),
                self._prepare_correction(target, reason, {"description": here}),
            ]
        )
        notes._tell_correction()
        return notes

    # ------------------------------------------------------------------ taken back by its sender
    @api.model
    def _withdraw_retracted(self, events):
        """Withdraw what new retractions name, and new facts that were retracted before they came."""
        retractions = self._find_retractions(events)
        if not retractions:
            return
        named = {(retraction.source_id, retraction.reference): retraction for retraction in retractions}
        targets = self.search(
            [
                ("source_id", "in", retractions.source_id.ids),
                ("sender_id", "in", retractions.mapped("reference")),
                ("kind", "!=", "retraction"),
                ("is_withdrawn", "=", False),
            ]
        )
        for target in targets:
            retraction = named.get((target.source_id, target.sender_id))
            if retraction and (retraction.is_trusted or not target.is_trusted):
                target._withdraw(retraction.reason)
        (targets - events).filtered("is_withdrawn")._undo_effect()

    @api.model
    def _find_retractions(self, events):
        new = events.filtered(lambda event: event.kind == "retraction")
        candidates = (events - new).filtered("sender_id")
        if not candidates:
            return new
        return new | self.search(
            [
                ("kind", "=", "retraction"),
                ("source_id", "in", candidates.source_id.ids),
                ("reference", "in", candidates.mapped("sender_id")),
            ]
        )

    def _withdraw(self, reason):
        self.write({"is_withdrawn": True, "withdrawn_reason": reason or self.env._("Withdrawn by its sender")})

    def _undo_effect(self):
        """Start the shipments again from what still stands, and clear what rested on these facts only."""
        self._withdraw_answers()
        self.shipment_id._recompute_from_timeline()
        self.env["visibility.exception"]._follow_withdrawal(self)

    # ------------------------------------------------------------------ taken back by the person
    def _take_back(self, reason):
        """The person was wrong: the correction is withdrawn and what it did is undone."""
        self._check_may_correct(reason)
        event = self.sudo()
        event.ensure_one()
        if event.kind != "correction" or event.is_withdrawn or not event._is_news():
            raise UserError(self.env._("Only a correction of milestone, ETA or loss can be taken back."))
        event._withdraw(self.env._("%(user)s took it back: %(reason)s", user=self.env.user.name, reason=reason))
        event._undo_effect()
        event.env["visibility.exception"]._follow_correction(event.shipment_id)
        event.shipment_id.message_post(
            body=self.env._("Taken back: %(what)s. Why: %(reason)s", what=event.headline, reason=reason),
            author_id=self.env.user.partner_id.id,
        )

    def action_open_take_back(self):
        """The dialog that asks why."""
        self.ensure_one()
        wizard = "distribution_visibility.visibility_correction_wizard_action"
        context = {"default_task": "take_back", "default_event_id": self.id, "default_shipment_id": self.shipment_id.id}
        return self._open_action(wizard, name=self.env._("Take back a correction"), context=context)
