from . import visibility_average_mixin
from . import visibility_milestone
from . import visibility_event
from . import visibility_event_recording
from . import visibility_event_suppliers
from . import visibility_event_correction
