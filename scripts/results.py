"""Results of tests, and what can be read about them from logs and reports."""

import re
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field

RECORD = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} \d+ (?P<level>[A-Z]+) \S+ (?P<logger>\S+): (?P<text>.*)")
# after installing or upgrading, and from Odoo's shell
TOTALS = re.compile(r"(\d+) failed, (\d+) error\(s\) of (\d+) tests(?: when loading database|\s*$)")
OUTCOME = re.compile(r"(FAIL|ERROR): ")
HARMLESS = (
    # an index that Odoo can do without
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    # blurs the background in video calls; Debian's package leaves it out
    "mail/static/lib/selfie_segmentation/",
)


@dataclass
class Results:
    """Counts of one layer, with a line for everything that is not as it should be."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    problems: list = field(default_factory=list)
    skips: list = field(default_factory=list)

    def __add__(self, other):
        return Results(
            self.passed + other.passed,
            self.failed + other.failed,
            self.skipped + other.skipped,
            self.problems + other.problems,
            self.skips + other.skips,
        )

    def fail(self, problem):
        """Count a failure that is no test: nothing ran, Odoo did not load, ..."""
        self.failed += 1
        self.problems.append(problem)

    def summary(self):
        return f"tests: {self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def of_pytest(report, exit_code):
    """Read pytest's JUnit report.

    :param report: path of the XML file
    :param exit_code: what pytest returned; 5 means that there was no test
    """
    results = Results()
    if report.is_file():
        for case in ElementTree.parse(report).getroot().iter("testcase"):
            _count_case(results, case)
    if exit_code not in (0, 5) and not results.failed:
        results.fail(f"pytest ended with exit code {exit_code}")
    return results


def _count_case(results, case):
    name = f"{case.get('classname')}.{case.get('name')}"
    outcomes = {child.tag: child for child in case}
    if "failure" in outcomes or "error" in outcomes:
        results.fail(name)
    elif "skipped" in outcomes:
        results.skipped += 1
        results.skips.append(f"{name}: {outcomes['skipped'].get('message')}")
    else:
        results.passed += 1


class OdooLog:
    """Reads Odoo's log line by line while the tests run, and says what is worth showing."""

    def __init__(self):
        self.failures, self.errors, self.skips, self.totals = [], [], [], None
        self._showing = False

    def feed(self, line):
        """Take one line; give True if it belongs on the console."""
        record = RECORD.match(line)
        if record:
            self._showing = self._note(record["level"], record["text"], record["logger"])
        return self._showing

    def _note(self, level, text, logger):
        totals = TOTALS.search(text)
        if totals:
            self.totals = tuple(map(int, totals.groups()))
        elif level == "INFO" and text.startswith("skipped "):
            self.skips.append(f"{logger.removeprefix('odoo.addons.')}: {text.removeprefix('skipped ')}")
        elif level in ("ERROR", "CRITICAL") and not any(word in text for word in HARMLESS):
            (self.failures if OUTCOME.match(text) else self.errors).append(text)
            return True
        return False

    def results(self, exit_code):
        """The counts; an error in the log that no test reported is a failure too."""
        failures, errors, total = self.totals or (0, 0, 0)
        results = Results(failed=failures + errors, skipped=len(self.skips), skips=self.skips, problems=self.failures)
        results.passed = max(0, total - results.failed - results.skipped)
        if self.totals is None:
            results.fail("Odoo did not reach the end of its tests")
        elif not results.failed:
            for text in self.errors[:5]:
                results.fail(f"Odoo logged an error outside of a test: {text}")
        if exit_code and not results.failed:
            results.fail(f"Odoo ended with exit code {exit_code}")
        return results
