from . import visibility_action_run
from . import visibility_exception
from . import ir_actions_server
from . import base_automation
from . import base_automation_running
from . import mail_thread
from . import ir_actions_server_kinds
