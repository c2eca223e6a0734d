"""Which numbers a DCSA event speaks of, the one it is filed under first."""

from .reading import first, mapping, sequence, text

#: Shapes of the reference lists: versions 2 and 3 name type and value differently.
LISTS = ("relatedDocumentReferences", "documentReferences", "references")
TYPE_KEYS = ("type", "documentReferenceType", "referenceType")
VALUE_KEYS = ("value", "documentReferenceValue", "referenceValue")
#: Transport document before booking: one booking may have several.
DOCUMENTS = ("TRD", "BOL", "SWB", "BKG", "CBR")


def numbers_of(kind: str, payload: dict) -> list[str]:
    """All numbers, each once; empty when the event names none.

    Document types that are no transport document or booking (shipping instructions, invoices)
    do not name a shipment and are left out.
    """
    pairs = _pairs(payload)
    containers = [value for name, value in pairs if name == "EQ"]
    papers = [value for wanted in DOCUMENTS for name, value in pairs if name == wanted]
    containers = list(dict.fromkeys(containers))
    if kind == "EQUIPMENT" or len(containers) == 1:
        return list(dict.fromkeys([*containers, *papers]))
    return list(dict.fromkeys([*papers, *containers]))


def _pairs(payload: dict) -> list[tuple[str, str]]:
    found = [
        ("EQ", text(payload.get("equipmentReference"))),
        (
            text(payload.get("documentTypeCode")).upper(),
            first(payload.get("documentReference"), payload.get("documentID")),
        ),
        ("TRD", text(payload.get("transportDocumentReference"))),
        ("BKG", text(payload.get("carrierBookingReference"))),
    ]
    for name in LISTS:
        for item in map(mapping, sequence(payload.get(name))):
            found.append((first(*map(item.get, TYPE_KEYS)).upper(), first(*map(item.get, VALUE_KEYS))))
    return [(name, value) for name, value in found if value]
