from . import visibility_exception
from . import base_automation
from . import ir_actions_server
from . import visibility_brief
from . import visibility_action_run
