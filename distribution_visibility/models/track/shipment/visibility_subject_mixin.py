from odoo import models


class VisibilitySubjectMixin(models.AbstractModel):
    """What facts are told of and exceptions are about: a shipment, a purchase order."""

    _name = "visibility.subject.mixin"
    _description = "Subject of events and exceptions"

    def _prepare_exception_links(self):
        """Values of an exception that tie it to the documents and people this is about."""
        raise NotImplementedError

    def _get_exception_owners(self, role):
        """Users who may answer for it, best first, for an owner role of a category."""
        raise NotImplementedError

    def _get_facts(self):
        """All events that were told of it."""
        raise NotImplementedError

    def unlink(self):
        """What is deleted cannot be late any more: its exceptions end, and stay as history."""
        self.env["visibility.exception"]._end_with_documents(self)
        return super().unlink()

    def _is_past(self, category, moment):
        """Whether this got so far, after ``moment`` (naive UTC), that the category is over."""
        return False

    def _get_clearing_event(self):
        """The fact that brought this so far."""
        return self.env["visibility.event"]
