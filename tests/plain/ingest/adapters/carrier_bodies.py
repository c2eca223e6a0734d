"""Bodies of carriers and aggregators, built from the fields that they document. All values are ours."""

import copy

from distribution_visibility.lib.ingest.adapters import ADAPTERS, Delivery


def parse(adapter, body, **headers):
    """The events of a body; the builders' bodies are never changed by it."""
    return ADAPTERS[adapter].parse(Delivery(copy.deepcopy(body), headers))


def scans(events):
    return [event for event in events if event.type != "shipment.eta"]


def estimates(events):
    return [event for event in events if event.type == "shipment.eta"]


def codes(event):
    return [(code.vocabulary, code.value) for code in event.data.codes]


def doubts(events):
    return {doubt for event in events for doubt in event.doubts}


def easypost(**changes):
    tracker = {
        "id": "trk_91",
        "object": "Tracker",
        "mode": "production",
        "tracking_code": "EZ 4000 0001",
        "status": "in_transit",
        "status_detail": "arrived_at_facility",
        "carrier": "DHLExpress",
        "updated_at": "2026-03-04T06:00:00Z",
        "signed_by": None,
        "is_return": False,
        "est_delivery_date": "2026-03-06T17:00:00Z",
        "public_url": "https://track.example/secret",
        "tracking_details": [
            easypost_detail("pre_transit", "label_created", "2026-03-02T08:00:00Z", city=None),
            easypost_detail("in_transit", "received_at_origin_facility", "2026-03-02T19:30:00Z", "Leipzig"),
            easypost_detail("in_transit", "arrived_at_facility", "2026-03-04T05:12:00Z", city="Lyon"),
        ],
    }
    envelope = {
        "id": "evt_77",
        "object": "Event",
        "description": "tracker.updated",
        "mode": "production",
        "created_at": "2026-03-04T06:00:01Z",
        "pending_urls": ["https://us.example/token"],
    }
    return {**envelope, "result": {**tracker, **changes}}


def easypost_detail(status, detail, when, city="Paris"):
    return {
        "object": "TrackingDetail",
        "message": f"About {detail}",
        "status": status,
        "status_detail": detail,
        "datetime": when,
        "source": "DHLExpress",
        "carrier_code": None,
        "tracking_location": {"city": city, "state": None, "country": "FR", "zip": "69000"},
    }


def aftership(**changes):
    tracking = {
        "id": "abc",
        "tracking_number": "00340434161094000000",
        "slug": "dhl-germany",
        "tag": "InTransit",
        "subtag": "InTransit_007",
        "subtag_message": "Departure scan",
        "signed_by": None,
        "order_number": "SO1042",
        "updated_at": "2026-03-04T06:10:00+00:00",
        "latest_estimated_delivery": {"type": "specific", "datetime": "2026-03-06"},
        "checkpoints": [
            aftership_checkpoint("InfoReceived", "InfoReceived_001", "2026-03-02T08:00:00+01:00"),
            aftership_checkpoint("InTransit", "InTransit_007", "2026-03-03T22:15:00"),
        ],
    }
    return {"event": "tracking_update", "event_id": "5f0c", "ts": 1772604600, "msg": {**tracking, **changes}}


def aftership_checkpoint(tag, subtag, when):
    return {
        "checkpoint_time": when,
        "location": "Köln, Germany",
        "city": "Köln",
        "country_region": "DEU",
        "country_region_name": "Germany",
        "message": f"Parcel {subtag}",
        "tag": tag,
        "subtag": subtag,
    }


def aftership_legacy():
    return {
        "event": "tracking_update",
        "ts": 1772604600,
        "msg": {
            "tracking_number": "1Z00LEGACY",
            "slug": "ups",
            "tag": "Delivered",
            "subtag": "Delivered_003",
            "signed_by": "R. Receiver",
            "order_id": "SO9",
            "expected_delivery": "2026-03-06",
            "checkpoints": [
                {
                    "checkpoint_time": "2026-03-04T10:00:00",
                    "country_iso3": "GBR",
                    "country_name": "UK",
                    "message": "Delivered",
                    "tag": "Delivered",
                    "subtag": "Delivered_003",
                }
            ],
        },
    }


def shippo(**changes):
    track = {
        "carrier": "usps",
        "tracking_number": "9205500000000000000001",
        "eta": "2026-03-06T00:00:00Z",
        "original_eta": "2026-03-05T00:00:00Z",
        "tracking_status": shippo_status("TRANSIT", "package_departed", "2026-03-03T13:00:00Z"),
        "tracking_history": [
            shippo_status("PRE_TRANSIT", "information_received", "2026-03-02T09:00:00Z"),
            shippo_status("TRANSIT", "package_departed", "2026-03-03T13:00:00Z"),
        ],
    }
    return {"event": "track_updated", "test": False, "data": {**track, **changes}}


def shippo_status(status, substatus, when):
    return {
        "status": status,
        "substatus": {"code": substatus, "text": "In words", "action_required": False},
        "status_details": "In other words",
        "status_date": when,
        "object_id": "changes-each-time",
        "object_updated": "2026-03-03T20:00:00.123Z",
        "location": {"city": "Reno", "state": "NV", "zip": "89501", "country": "US"},
    }


def shipengine(**changes):
    data = {
        "tracking_number": "332900000001",
        "status_code": "IT",
        "status_detail_code": "HUB_SCAN_IN",
        "carrier_status_description": "On the way",
        "actual_delivery_date": None,
        "estimated_delivery_date": "2026-03-06T00:00:00Z",
        "exception_description": None,
        "events": [
            shipengine_event("IT", "HUB_SCAN_IN", "2026-03-03T12:42:00Z", "AR"),
            shipengine_event("AC", "COLLECTION_MADE", "2026-03-02T17:00:00Z", "PU"),
        ],
    }
    return {
        "resource_type": "API_TRACK",
        "data": {**data, **changes},
        "resource_url": "https://api.shipengine.com/v1/tracking?carrier_code=fedex&tracking_number=332900000001",
    }


def shipengine_event(status, detail, when, own):
    return {
        "occurred_at": when,
        "carrier_occurred_at": when[:-1],
        "description": f"Scan {own}",
        "event_code": own,
        "city_locality": "Plano",
        "state_province": "TX",
        "postal_code": "75023",
        "country_code": "US",
        "status_code": status,
        "status_detail_code": detail,
        "signer": "",
    }


def seventeentrack(**changes):
    info = {
        "latest_status": {"status": "InTransit", "sub_status": "InTransit_Departure"},
        "latest_event": {"description": "Left the port"},
        "time_metrics": {"estimated_delivery_date": {"source": "Official", "from": None, "to": "2026-03-09"}},
        "milestone": [
            {"key_stage": "PickedUp", "time_iso": "2026-03-01T09:00:00+08:00", "time_utc": "2026-03-01T01:00:00Z"}
        ],
        "tracking": {
            "providers": [
                {
                    "provider": {"key": 3011, "name": "China Post"},
                    "events": [
                        seventeentrack_event(
                            "InTransit_Departure", "Departure", "2026-03-02T22:00:00+08:00", "2026-03-02T14:00:00Z"
                        ),
                        seventeentrack_event(
                            "InTransit_PickedUp", "PickedUp", "2026-03-01T09:00:00+08:00", "2026-03-01T01:00:00Z"
                        ),
                    ],
                }
            ]
        },
    }
    return {
        "event": "TRACKING_UPDATED",
        "data": {"number": "RR000000001CN", "carrier": 3011, "track_info": {**info, **changes}},
    }


def seventeentrack_event(sub_status, stage, iso, utc, zone="+08:00"):
    return {
        "time_iso": iso,
        "time_utc": utc,
        "time_raw": {"date": iso[:10], "time": iso[11:19], "timezone": zone},
        "description": f"Parcel {stage}",
        "location": "Shenzhen",
        "stage": stage,
        "sub_status": sub_status,
        "address": {"country": "CN", "city": "Shenzhen", "street": None},
    }


def sendcloud(**changes):
    parcel = {
        "id": 51,
        "name": "A. Recipient",
        "telephone": "000",
        "tracking_number": "3S-TEST-0001",
        "status": {"id": 91, "message": "Parcel en route"},
        "carrier": {"code": "postnl"},
        "order_number": "SO77",
        "is_return": False,
        "date_created": "2026-03-02T06:48:07",
        "label": {"label_printer": "https://panel.sendcloud.example/label/1?hash=abcdef"},
    }
    return {
        "action": "parcel_status_changed",
        "timestamp": 1772604700123,
        "carrier_status_change_timestamp": 1772604600000,
        "parcel": {**parcel, **changes},
    }


def easyship(key="tracking_status", **changes):
    subject = {
        "easyship_shipment_id": "ESUS7000001",
        "platform_order_number": "SO55",
        "status": "Out for Delivery",
        "tracking_number": "EASY0001",
        "tracking_page_url": "https://track.example/ESUS7000001",
    }
    return {
        "event_type": "shipment.tracking.status.changed",
        "resource_type": "shipment",
        "resource_id": "ESUS7000001",
        key: {**subject, **changes},
    }


def fedex(**changes):
    return {
        "transactionId": "6f",
        "outputMetaData": [{"attempt": 1}],
        "output": {
            "completeTrackResults": [
                {"trackingNumber": "794000000001", "trackResults": [fedex_result(**changes)]},
            ]
        },
    }


def fedex_result(**changes):
    result = {
        "trackingNumberInfo": {
            "trackingNumber": "794000000001",
            "carrierCode": "FDXG",
            "trackingNumberUniqueId": "1~a~FDEG",
        },
        "additionalTrackingInfo": {
            "packageIdentifiers": [
                {"type": "SHIPPER_REFERENCE", "values": ["WH/OUT/7"]},
                {"type": "PURCHASE_ORDER", "values": ["PO33"]},
            ]
        },
        "latestStatusDetail": {"code": "DP", "derivedCode": "IT", "description": "In transit"},
        "estimatedDeliveryTimeWindow": {"window": {"ends": "2026-03-06T20:00:00-07:00"}},
        "scanEvents": [
            fedex_scan("DP", "IT", "2026-03-03T21:00:00-06:00"),
            fedex_scan("PU", "PU", "2026-03-02T16:00:00-06:00"),
        ],
    }
    return {**result, **changes}


def fedex_scan(event, derived, when):
    return {
        "date": when,
        "eventType": event,
        "eventDescription": f"Scan {event}",
        "derivedStatusCode": derived,
        "exceptionCode": "",
        "exceptionDescription": "",
        "scanLocation": {
            "city": "MEMPHIS",
            "stateOrProvinceCode": "TN",
            "countryCode": "US",
            "streetLines": ["1 Somewhere"],
        },
    }


def ups(**changes):
    body = {
        "trackingNumber": "1Z0000000300000001",
        "localActivityDate": "20260303",
        "localActivityTime": "091519",
        "gmtActivityDate": "20260303",
        "gmtActivityTime": "141519",
        "gmtOffset": "-05.00",
        "activityLocation": {"city": "Boston", "stateProvince": "MA", "postalCode": "", "country": "US"},
        "activityStatus": {"type": "I", "code": "OT", "description": "Out for Delivery", "descriptionCode": "021"},
        "scheduledDeliveryDate": "20260303",
        "deliveryTimeDescription": "end of day",
    }
    return {**body, **changes}


def dhl(**changes):
    shipment = {
        "id": 7000000001,
        "service": "express",
        "status": dhl_event("transit", "TRANSIT", "2026-03-03T21:10:00Z"),
        "estimatedDeliveryTimeFrame": {
            "estimatedFrom": "2026-03-05T08:00:00Z",
            "estimatedThrough": "2026-03-05T18:00:00Z",
        },
        "details": {
            "references": {"number": "SO31", "type": "customer-reference"},
            "receiver": {"name": "A. Recipient"},
        },
        "events": [
            dhl_event("transit", "TRANSIT", "2026-03-03T21:10:00"),
            dhl_event("pre-transit", "ANNOUNCED", "2026-03-02T11:00:00"),
        ],
    }
    return {"shipments": [{**shipment, **changes}]}


def dhl_event(code, words, when):
    return {
        "timestamp": when,
        "statusCode": code,
        "status": words,
        "description": f"Parcel {words}",
        "location": {"address": {"countryCode": "DE", "postalCode": "04435", "addressLocality": "Leipzig"}},
    }


def shopify_event(**changes):
    event = {
        "id": 944000001,
        "fulfillment_id": 255000001,
        "order_id": 450000001,
        "status": "out_for_delivery",
        "message": None,
        "happened_at": "2026-03-03T11:39:28-05:00",
        "city": "Ottawa",
        "province": "ON",
        "country": "CA",
        "zip": "K1A",
        "address1": "1 Somewhere",
        "estimated_delivery_at": None,
    }
    return {**event, **changes}


def shopify_fulfillment(**changes):
    fulfillment = {
        "id": 255000001,
        "order_id": 450000001,
        "name": "#1001.1",
        "status": "success",
        "shipment_status": "in_transit",
        "created_at": "2026-03-02T10:00:00-05:00",
        "updated_at": "2026-03-03T10:00:00-05:00",
        "tracking_company": "Canada Post",
        "tracking_number": "CP1",
        "tracking_numbers": ["CP1", "CP2"],
        "destination": {"name": "A. Recipient"},
    }
    return {**fulfillment, **changes}


#: One good body of each provider and kind.
SAMPLES = [
    ("easypost", easypost()),
    ("aftership", aftership()),
    ("aftership", aftership_legacy()),
    ("shippo", shippo()),
    ("shipengine", shipengine()),
    ("seventeentrack", seventeentrack()),
    ("seventeentrack", {"event": "TRACKING_STOPPED", "data": {"number": "RR1CN", "carrier": 3011}}),
    ("sendcloud", sendcloud()),
    ("easyship", easyship()),
    ("easyship", easyship("data")),
    ("fedex", fedex()),
    ("ups", ups()),
    ("dhl", dhl()),
    ("shopify", shopify_event()),
    ("shopify", shopify_fulfillment()),
]
