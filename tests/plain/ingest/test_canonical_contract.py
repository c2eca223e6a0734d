"""The contract for senders is true: its examples are valid and its lists are complete."""

import csv
import json
import re
from pathlib import Path
from typing import get_args

import pytest

from distribution_visibility.lib.base.errors import InvalidEvents
from distribution_visibility.lib.ingest.adapters.base import Delivery
from distribution_visibility.lib.ingest.adapters.canonical import CanonicalAdapter
from distribution_visibility.lib.ingest.canonical import EVENT_TYPES, LineStatus, Party

ROOT = Path(__file__).resolve().parents[3]
CONTRACT = (ROOT / "docs" / "ingest" / "canonical-events.md").read_text(encoding="utf-8")
EXAMPLES = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", CONTRACT, re.DOTALL)]


def parse(body):
    return CanonicalAdapter().parse(Delivery(body))


@pytest.mark.parametrize("body", EXAMPLES, ids=lambda body: body.get("type", "batch"))
def test_every_example_is_valid(body):
    assert parse(body)


def test_there_is_an_example_of_every_event_type():
    assert {event.type for body in EXAMPLES for event in parse(body)} == set(EVENT_TYPES)


def test_no_example_has_a_property_that_would_be_ignored():
    for body in EXAMPLES:
        for item, event in zip(body.get("events", [body]), parse(body), strict=True):
            model = type(event.data)
            known = {field.alias or name for name, field in model.model_fields.items()}
            assert set(item["data"]) <= known


def test_the_error_in_the_contract_is_the_one_that_is_answered():
    answer = re.search(r"\n(\{\"type\": \"/visibility.*?\})\n```", CONTRACT, re.DOTALL)
    shown = json.loads(answer[1])["errors"]
    scan = EXAMPLES[0]
    wrong = {**scan, "data": {**scan["data"], "occurred_at": "2026-03-03 08:58"}}
    with pytest.raises(InvalidEvents) as caught:
        parse({"events": [scan, scan, scan, wrong]})
    assert caught.value.errors == shown


@pytest.mark.parametrize("word", [*get_args(LineStatus), *get_args(Party), *EVENT_TYPES])
def test_every_word_that_may_be_sent_is_in_the_contract(word):
    assert re.search(rf"\b{re.escape(word)}\b", CONTRACT)


def test_every_milestone_in_the_contract_exists():
    (listed,) = re.findall(r"`milestone`: (.*?)\. `category`", CONTRACT, re.DOTALL)
    path = ROOT / "distribution_visibility" / "data" / "track/event/visibility.milestone.csv"
    with open(path, encoding="utf-8", newline="") as lines:
        known = {row["code"] for row in csv.DictReader(lines)}
    assert set(re.findall(r"[a-z]+_[a-z_]+|loaded|discharged|delivered|cancelled", listed)) <= known
