from . import visibility_rule
from . import visibility_rule_criteria
from . import visibility_rule_engine
from . import visibility_rule_schedule
from . import visibility_rule_run
from . import visibility_follow_up
from . import visibility_exception
