from . import event
from . import shipment
from . import promise
from . import supply
