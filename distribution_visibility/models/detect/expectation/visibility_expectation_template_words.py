from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ....lib.detect.rule.reason_template import TemplateError, get_paths

#: What the words of a template may name: of every document, and of an order line as well.
WORDS = frozenset({"document", "partner", "what", "due", "since"})
LINE_WORDS = WORDS | {"product", "received", "ordered", "missing"}


class VisibilityExpectationTemplate(models.Model):
    """What people read when it did not happen in time: what is missing, for whom, and since when."""

    _inherit = "visibility.expectation.template"  # pylint: disable=consider-merging-classes-inherited

    reason_template = fields.Char(
        "Reason in words",
        translate=True,
        help="What is missing, and for whom: Not shipped yet; expected by {due} for {partner}. Further words in "
        "braces: {document}, {what}, {since}; of order lines {product}, {received}, {ordered}, {missing}. Empty: the "
        "usual words.",
    )
    usual_reason = fields.Char("Usual words", compute="_compute_usual_reason")

    @api.constrains("reason_template", "trigger")
    def _check_reason_template(self):
        for template in self.filtered("reason_template"):
            wrong = template._find_unknown_words()
            if wrong:
                raise ValidationError(
                    self.env._("In the reason, nobody knows what {%(wrong)s} is.", wrong=", ".join(sorted(wrong)))
                )

    def _find_unknown_words(self):
        known = LINE_WORDS if (self.res_model or "").endswith(".line") else WORDS
        try:
            return set(get_paths(self.reason_template)) - known
        except TemplateError as error:
            return {error.wrong.strip("{}")}

    @api.depends("expects", "fact", "milestone_id", "trigger")
    @api.depends_context("lang")
    def _compute_usual_reason(self):
        usual = self._get_usual_reasons()
        for template in self:
            key = (template.fact, template.res_model) if template.expects == "fact" else ("milestone", False)
            template.usual_reason = usual.get(key) or usual.get((key[0], False)) or usual["other", False]

    def _get_overdue_template(self):
        """The words of this template in the reader's language: its own, else the usual ones."""
        return self.reason_template or self.usual_reason

    @api.model
    def _get_usual_reasons(self):
        """Seam: what is missing in words, by fact and, where it matters, document model."""
        return {
            ("reserved", False): self.env._("Not reserved yet; expected by {due} for {partner}"),
            ("picking_started", False): self.env._("Picking has not started yet; expected by {due} for {partner}"),
            ("picking_done", False): self.env._("Not validated yet; expected by {due} for {partner}"),
            ("shipped", False): self.env._("Not shipped yet; expected by {due} for {partner}"),
            ("receipt_validated", False): self.env._("Not received yet; expected by {due} from {partner}"),
            ("receipt_validated", "purchase.order.line"): self.env._(
                "{product}: {received} of {ordered} received, {missing} missing; expected by {due} from {partner}"
            ),
            ("any_scan", False): self.env._("No scan since {since}; expected by {due} for {partner}"),
            ("proof_of_delivery", False): self.env._("No proof of delivery yet; expected by {due} for {partner}"),
            ("invoiced", False): self.env._("Not invoiced yet; expected by {due} for {partner}"),
            ("paid", False): self.env._("Not paid yet; expected by {due} from {partner}"),
            ("milestone", False): self.env._("Not reported yet: {what}; expected by {due} for {partner}"),
            ("other", False): self.env._("Not happened yet: {what}; expected by {due} for {partner}"),
        }
