from . import visibility_decision
from . import visibility_decision_approval
from . import visibility_exception_decision
from . import visibility_decision_emission
from . import visibility_decision_expectations
