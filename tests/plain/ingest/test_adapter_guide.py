"""The guide for adapters is true: its example is registered and parses its own body."""

import csv
import json
import re
import types
from pathlib import Path

import pytest

from distribution_visibility.lib.base.errors import UnknownShape
from distribution_visibility.lib.ingest import adapters
from distribution_visibility.lib.ingest.adapters.base import Delivery
from distribution_visibility.lib.ingest.canonical import Code
from distribution_visibility.lib.ingest.code_map import resolve
from distribution_visibility.lib.ingest.verification.presets import PRESETS
from tests.plain.ingest.code_maps import lookup_in, read_code_maps

GUIDE = Path(__file__).resolve().parents[3] / "docs" / "ingest" / "writing-an-adapter.md"


def block(language):
    (found,) = re.findall(rf"```{language}\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    return found


@pytest.fixture
def registered(monkeypatch):
    module = types.ModuleType(f"{adapters.__name__}.kestrel")
    module.__package__ = adapters.__name__
    exec(compile(block("python"), str(GUIDE), "exec"), module.__dict__)
    adapter = module.Kestrel()
    monkeypatch.setitem(adapters.ADAPTERS, adapter.name, adapter)
    return adapters.ADAPTERS["kestrel"]


def test_the_guides_example_parses_its_own_body(registered):
    *scans, estimate = registered.parse(Delivery(json.loads(block("json"))))
    assert [scan.data.codes[0].value for scan in scans] == ["HUB", "OFD"]
    assert scans[1].data.occurred.at.isoformat() == "2026-03-03T07:40:00+00:00"
    assert scans[1].data.occurred.offset_known and scans[1].data.place.city == "Porto"
    assert (estimate.type, estimate.data.eta.at.date().isoformat()) == ("shipment.eta", "2026-03-04")


def test_the_guides_example_identifies_and_orders_its_delivery(registered):
    delivery = Delivery(json.loads(block("json")))
    assert registered.identify(delivery) == "kd-20260301-7"
    assert registered.ordering_key(delivery) == "KP440012003"
    assert registered.preset in PRESETS


@pytest.mark.parametrize("body", [None, [], {}, {"parcel": {}}, {"parcel": {"number": 5}}, {"parcel": "x"}])
def test_the_guides_example_keeps_the_rule_of_unknown_shapes(registered, body):
    with pytest.raises(UnknownShape):
        registered.parse(Delivery(body))


def test_the_guides_code_map_can_be_read(tmp_path):
    path = tmp_path / "visibility.code.map-kestrel.csv"
    path.write_text(block("csv"), encoding="utf-8")
    assert len(list(csv.DictReader(block("csv").splitlines()))) == 2
    found = resolve([Code(vocabulary="kestrel.scan", value="OFD")], lookup_in(read_code_maps([path])))
    assert found.milestone == "out_for_delivery"


def test_the_registration_is_one_line():
    assert block("text").strip() == "Kestrel(),"
    registry = Path(adapters.__file__).read_text(encoding="utf-8")
    assert re.search(r"^        EasyPost\(\),$", registry, re.MULTILINE)
