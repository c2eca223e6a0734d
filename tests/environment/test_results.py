"""The summary of `make test` never calls a broken run a good one."""

import os
import subprocess
import sys

import pytest

from scripts.results import OdooLog, Results, of_pytest

STAMP = "2026-01-02 03:04:05,678 99 {} dv_test odoo.{}: {}"
TOTALS = STAMP.format("INFO", "service.server", "{} failed, {} error(s) of {} tests when loading database 'dv_test'")


def read(*lines, exit_code=0):
    log = OdooLog()
    shown = [line for line in lines if log.feed(line)]
    return log.results(exit_code), shown


def test_a_good_run_of_odoo_counts_passed_and_skipped_tests():
    skip = STAMP.format("INFO", "addons.dv.tests.test_x", "skipped TestX.test_y : no browser")
    results, shown = read(skip, TOTALS.format(0, 0, 10))
    assert (results.passed, results.failed, results.skipped, shown) == (9, 0, 1, [])
    assert results.skips == ["dv.tests.test_x: TestX.test_y : no browser"]


def test_a_failing_test_of_odoo_is_shown_with_its_traceback():
    failure = STAMP.format("ERROR", "addons.dv.tests.test_x", "FAIL: TestX.test_y")
    lines = [failure, "Traceback (most recent call last):", "AssertionError: 1 != 2"]
    results, shown = read(*lines, STAMP.format("INFO", "modules", "next"), TOTALS.format(1, 0, 10), exit_code=1)
    assert (results.passed, results.failed) == (9, 1)
    assert shown == lines
    assert results.problems == ["FAIL: TestX.test_y"]


def test_odoo_that_never_reports_its_totals_has_failed():
    results, _shown = read(STAMP.format("CRITICAL", "modules", "Failed to load"), exit_code=255)
    assert results.failed == 1


def test_an_error_that_no_test_reported_is_a_failure():
    results, _shown = read(STAMP.format("ERROR", "addons.dv.models", "could not send"), TOTALS.format(0, 0, 10))
    assert results.failed == 1


@pytest.mark.parametrize(
    "text",
    [
        "bad query: b'CREATE EXTENSION IF NOT EXISTS pg_trgm'",
        "'Could not get content for mail/static/lib/selfie_segmentation/selfie_segmentation.js.'",
    ],
    ids=["trigram index", "blurred backgrounds"],
)
def test_what_our_odoo_lacks_and_does_not_need_is_no_failure(text):
    results, shown = read(STAMP.format("ERROR", "base", text), TOTALS.format(0, 0, 10))
    assert (results.failed, shown) == (0, [])


def test_an_exit_code_without_a_failing_test_is_a_failure():
    results, _shown = read(TOTALS.format(0, 0, 10), exit_code=1)
    assert results.failed == 1


def test_the_summary_is_the_line_that_machines_read():
    total = Results(passed=3, skipped=1) + Results(passed=120, failed=0, skipped=1)
    assert total.summary() == "tests: 123 passed, 0 failed, 2 skipped"


@pytest.mark.parametrize(
    ("code", "counts"),
    [
        ("def test_a(): pass\n", (1, 0, 0)),
        ("def test_a(): assert False\n", (0, 1, 0)),
        ("import pytest\n@pytest.mark.skip(reason='x')\ndef test_a(): pass\n", (0, 0, 1)),
        ("import nonsense_that_is_not_there\n", (0, 1, 0)),
        ("import pytest\n@pytest.fixture\ndef f(): 1/0\ndef test_a(f): pass\n", (0, 1, 0)),
        ("", (0, 0, 0)),
    ],
    ids=["passes", "fails", "is skipped", "cannot be imported", "has a broken fixture", "is empty"],
)
def test_pytest_is_counted_when_a_file(tmp_path, code, counts):
    (tmp_path / "test_it.py").write_text(code)
    report = tmp_path / "report.xml"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}", tmp_path]
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    exit_code = subprocess.run(command, capture_output=True, cwd=tmp_path, env=environment, check=False).returncode
    results = of_pytest(report, exit_code)
    assert (results.passed, results.failed, results.skipped) == counts


def test_pytest_that_wrote_no_report_has_failed(tmp_path):
    assert of_pytest(tmp_path / "missing.xml", 3).failed == 1
