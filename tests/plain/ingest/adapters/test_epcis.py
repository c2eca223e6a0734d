"""GS1 EPCIS 2.0 documents."""

import pytest

from distribution_visibility.lib.base.errors import UnknownShape
from distribution_visibility.lib.ingest.adapters.base import Delivery
from distribution_visibility.lib.ingest.adapters.epcis import Epcis, term
from distribution_visibility.lib.ingest.adapters.gs1_keys import check_digit, key_of

EVENT = {
    "type": "AggregationEvent",
    "eventID": "ni:///sha-256;" + "ab" * 32 + "?ver=CBV2.0",
    "eventTime": "2026-03-03T08:15:00.000+01:00",
    "eventTimeZoneOffset": "+01:00",
    "action": "OBSERVE",
    "parentID": "urn:epc:id:sscc:0614141.1234567890",
    "bizStep": "shipping",
    "disposition": "in_transit",
    "readPoint": {"id": "urn:epc:id:sgln:0614141.12345.400"},
    "bizTransactionList": [
        {"type": "po", "bizTransaction": "https://erp.example/po/P00412"},
        {"type": "desadv", "bizTransaction": "urn:epcglobal:cbv:bt:0614141073467:DES-88"},
    ],
}


def document(*events):
    return {"type": "EPCISDocument", "schemaVersion": "2.0", "epcisBody": {"eventList": list(events)}}


def parse(*events):
    return Epcis().parse(Delivery(document(*events)))


def changed(**values):
    return {key: value for key, value in {**EVENT, **values}.items() if value is not None}


def codes(event):
    return [(code.vocabulary, code.value) for code in event.data.codes]


def test_a_pallet_is_known_by_its_printed_sscc_and_by_its_papers():
    (found,) = parse(EVENT)
    assert found.data.tracking_number == "106141412345678908"
    assert (found.data.related_numbers, found.data.order_reference) == (("DES-88",), "P00412")
    assert found.data.occurred.at.isoformat() == "2026-03-03T07:15:00+00:00"
    assert found.data.place.name == "GLN 0614141123452"
    assert codes(found) == [("epcis.biz_step", "shipping"), ("epcis.disposition", "in_transit")]


@pytest.mark.parametrize(
    "written",
    [
        "receiving",
        "cbv:BizStep-receiving",
        "urn:epcglobal:cbv:bizstep:receiving",
        "https://ref.gs1.org/cbv/BizStep-receiving",
        "https://gs1.org/voc/BizStep-receiving",
    ],
)
def test_a_term_means_the_same_in_every_notation(written):
    assert term(written) == "receiving"


def test_a_private_term_is_not_mistaken_for_a_standard_one():
    assert term("https://plant.example/voc/receiving") == "https://plant.example/voc/receiving"


@pytest.mark.parametrize(
    "name",
    [
        "urn:epc:id:sscc:0614141.1234567890",
        "https://id.gs1.org/00/106141412345678908",
        "https://dpp.example/x/00/106141412345678908?linkType=all",
    ],
)
def test_one_sscc_is_one_number_as_urn_and_as_digital_link(name):
    assert key_of(name) == ("sscc", "106141412345678908")


def test_the_check_digit_follows_the_general_specifications():
    assert check_digit("629104150021") == "3"


@pytest.mark.parametrize(
    "disposition",
    [
        "completeness_verified",
        "completeness_inferred",
        "mismatch_quantity",
        "returned",
    ],
)
def test_a_disposition_that_changes_the_meaning_of_the_step_comes_first(disposition):
    (found,) = parse(changed(bizStep="receiving", disposition=disposition))
    assert codes(found)[0] == ("epcis.biz_step.disposition", f"receiving.{disposition}")
    assert found.data.is_return == (disposition == "returned")


def test_an_event_that_comes_again_with_an_error_declaration_is_withdrawn():
    declared = changed(
        errorDeclaration={
            "declarationTime": "2026-03-04T00:00:00Z",
            "reason": "urn:epcglobal:cbv:er:incorrect_data",
            "correctiveEventIDs": ["urn:uuid:4d5a"],
        }
    )
    (original,), (withdrawn,) = parse(EVENT), parse(declared)
    assert withdrawn.type == "shipment.retraction"
    assert withdrawn.data.event_id == original.id
    assert (withdrawn.data.reason, withdrawn.data.corrected_by) == ("incorrect_data", ("urn:uuid:4d5a",))
    assert withdrawn.fingerprint() != original.fingerprint()


def test_an_event_without_id_can_be_withdrawn_as_well():
    bare = changed(eventID=None)
    (original,) = parse(bare)
    declaration = {"errorDeclaration": {"reason": "did_not_occur"}, "recordTime": "2026-03-05T00:00:00Z"}
    (withdrawn,) = parse({**bare, **declaration})
    assert withdrawn.data.event_id == original.id != ""


def test_an_id_longer_than_we_store_is_still_the_same_id_when_it_is_withdrawn():
    long = changed(eventID="urn:uuid:" + "9" * 300)
    (original,), (withdrawn,) = parse(long), parse({**long, "errorDeclaration": {}})
    assert withdrawn.data.event_id == original.id and len(original.id) <= 128


def test_a_time_without_offset_takes_the_events_own_zone():
    (found,) = parse(changed(eventTime="2026-03-03T08:15:00"))
    assert found.data.occurred.at.isoformat() == "2026-03-03T07:15:00+00:00" and not found.doubts
    (found,) = parse(changed(eventTime="2026-03-03T08:15:00", eventTimeZoneOffset=None))
    assert found.doubts == ("offset_unknown",)


def test_many_pallets_are_filed_under_their_despatch_advice():
    pallets = [f"urn:epc:id:sscc:0614141.100000000{number}" for number in range(3)]
    (found,) = parse(changed(parentID=None, type="ObjectEvent", epcList=pallets))
    assert found.data.tracking_number == "DES-88"
    assert len(found.data.related_numbers) == 3


def test_without_any_unit_or_paper_the_purchase_order_is_the_number():
    goods = ["urn:epc:id:sgtin:0614141.107346.2017"]
    (found,) = parse(
        changed(
            parentID=None,
            type="ObjectEvent",
            epcList=goods,
            bizTransactionList=EVENT["bizTransactionList"][:1],
        )
    )
    assert (found.data.tracking_number, found.data.order_reference) == ("P00412", "P00412")


def test_what_happens_inside_a_plant_is_left_out():
    plant = {"type": "TransformationEvent", "eventTime": "2026-03-03T08:15:00Z", "bizStep": "commissioning"}
    assert parse(plant) == []


def test_a_query_result_and_a_bare_event_are_understood():
    query = {
        "type": "EPCISQueryDocument",
        "epcisBody": {
            "queryName": "q",
            "queryResults": {"resultsBody": {"eventList": [EVENT]}},
        },
    }
    assert len(Epcis().parse(Delivery(query))) == len(Epcis().parse(Delivery(EVENT))) == 1


def test_facts_come_oldest_first():
    later = changed(eventTime="2026-03-05T08:15:00+01:00", eventID="urn:uuid:2", bizStep="receiving")
    assert [codes(found)[0][1] for found in parse(later, EVENT)] == ["shipping", "receiving"]


@pytest.mark.parametrize(
    "body",
    [
        None,
        1,
        "x",
        [],
        {},
        {"epcisBody": 4},
        {"epcisBody": {"eventList": [4, None]}},
        {"type": []},
        document(*[EVENT] * 501),
    ],
)
def test_anything_else_is_an_unknown_shape(body):
    with pytest.raises(UnknownShape):
        Epcis().parse(Delivery(body))


def test_the_documents_own_id_is_the_deliverys_and_a_blank_node_is_not():
    adapter = Epcis()
    named = {**document(EVENT), "id": "https://id.example/d1"}
    assert adapter.identify(Delivery(named)) == "https://id.example/d1"
    assert adapter.identify(Delivery({**document(EVENT), "id": "_:document1"})) is None
    assert adapter.identify(Delivery(document(EVENT))) is None


def test_events_of_one_pallet_are_worked_in_order():
    assert Epcis().ordering_key(Delivery(document(EVENT, EVENT))) == "106141412345678908"
    assert Epcis().ordering_key(Delivery(None)) is None
