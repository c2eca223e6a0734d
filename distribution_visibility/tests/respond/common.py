from ..common import VisibilityCase


class RespondCase(VisibilityCase):
    """Exceptions that responses are given to."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.category = cls.env["visibility.exception"]._get_category("late_risk")
        cls.runs = cls.env["visibility.action.run"].sudo()
        cls.colleague = cls._create_user("visibility-colleague", "distribution_visibility.group_coordinator")

    @classmethod
    def _raise(cls, *subjects, reason="Late", category=None):
        """Open exceptions about partners (or other records) through the one door."""
        from ...lib.detect.exception.finding import Finding

        exceptions = cls.env["visibility.exception"].sudo()
        now = cls.env.cr.now().replace(microsecond=0)
        findings = {(category or cls.category, subject): [Finding(now, reason)] for subject in subjects}
        exceptions._open_findings(findings)
        return exceptions.search(
            [("res_model", "=", subjects[0]._name), ("res_id", "in", [one.id for one in subjects])], order="id"
        )

    @classmethod
    def _create_partners(cls, count):
        return cls.env["res.partner"].create([{"name": f"Customer {number}"} for number in range(count)])

    @classmethod
    def _get_runs(cls, *domain):
        return cls.runs.search([*domain], order="id")
