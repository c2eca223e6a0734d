from . import visibility_exception_ticket
from . import base_automation
from . import ir_actions_server
from . import visibility_brief_ticket
from . import visibility_action_run
