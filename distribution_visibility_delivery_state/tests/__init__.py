from .track import test_carrier_states
from .measure import test_access_rights
