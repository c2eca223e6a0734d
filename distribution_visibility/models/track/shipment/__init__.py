from . import visibility_subject_mixin
from . import visibility_shipment
from . import visibility_lane
from . import visibility_shipment_matching
from . import visibility_shipment_outlook
from . import visibility_shipment_choice
from . import visibility_shipment_alias
