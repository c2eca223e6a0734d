from . import visibility_escalation_policy
from . import visibility_escalation_level
from . import visibility_escalation_step
from . import visibility_exception
