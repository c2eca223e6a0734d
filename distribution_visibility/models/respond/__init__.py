from . import visibility_exception_response
from . import visibility_written_once_mixin
from . import visibility_action_run
from . import visibility_action_change
from . import visibility_action_chain
from . import visibility_action_recorder
from . import visibility_action_rollback
