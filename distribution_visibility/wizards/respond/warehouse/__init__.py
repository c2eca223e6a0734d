from . import visibility_priority_wizard
from . import visibility_priority_reason_wizard
