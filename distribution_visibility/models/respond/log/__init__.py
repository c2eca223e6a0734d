from . import visibility_action_run
from . import visibility_action_run_rollback
from . import visibility_action_change
from . import visibility_action_chain
from . import visibility_action_recorder
from . import mail_activity
from . import visibility_exception
