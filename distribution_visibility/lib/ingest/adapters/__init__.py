"""The adapters: one file, one class and one line here for each provider."""

from .aftership import AfterShip
from .amazon_vendor import AmazonVendor
from .base import Adapter, Delivery
from .canonical import CanonicalAdapter
from .cloudevents import CloudEventsAdapter
from .dcsa import Dcsa
from .declarative import DeclarativeAdapter
from .dhl import Dhl
from .easypost import EasyPost
from .easyship import Easyship
from .epcis import Epcis
from .fedex import FedEx
from .sendcloud import Sendcloud
from .seventeentrack import SeventeenTrack
from .shipengine import ShipEngine
from .shippo import Shippo
from .shopify import Shopify
from .ubl import Ubl
from .ups import Ups

#: Every adapter by the name that a source stores. Adapters are stateless, one of each is enough.
ADAPTERS: dict[str, Adapter] = {
    adapter.name: adapter
    for adapter in (
        CloudEventsAdapter(),
        CanonicalAdapter(),
        Dcsa(),
        Epcis(),
        Ubl(),
        AmazonVendor(),
        EasyPost(),
        AfterShip(),
        Shippo(),
        ShipEngine(),
        SeventeenTrack(),
        Sendcloud(),
        Easyship(),
        FedEx(),
        Ups(),
        Dhl(),
        Shopify(),
    )
}

#: Adapters that need a source's own settings: made with them, one for each source.
FACTORIES = {DeclarativeAdapter.name: DeclarativeAdapter}

__all__ = ["ADAPTERS", "FACTORIES", "Adapter", "Delivery"]
