from odoo import api, models


class VisibilityException(models.Model):
    """What was asked because of an exception, or about a document, ends with it: nobody has to answer any more."""

    _inherit = "visibility.exception"

    def _get_questions(self):
        """What is asked about these and what they are parts of, and not answered yet."""
        exceptions = self | self.merged_into_id
        return self.env["visibility.action.run"].sudo()._find_questions([("exception_id", "in", exceptions.ids)])

    @api.model
    def _end_questions(self, questions):
        """The causes of these questions' exceptions are gone by themselves."""
        for exception, runs in questions.grouped("exception_id").items():
            if not exception.is_open:
                runs._withdraw(exception.resolution or self.env._("It is over."))

    @api.model
    def _end_questions_about(self, documents):
        """Questions about documents that were cancelled meanwhile."""
        for records in documents.values():
            for sentence, over in records.grouped(lambda one: one._get_matter_end()).items():
                if sentence:
                    about = [("res_model", "=", over._name), ("res_id", "in", over.ids)]
                    self.env["visibility.action.run"].sudo()._find_questions(about)._withdraw(sentence)
