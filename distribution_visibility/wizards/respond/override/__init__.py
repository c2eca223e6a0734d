from . import visibility_override_set_wizard
from . import visibility_override_end_wizard
