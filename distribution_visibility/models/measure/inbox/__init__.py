from . import visibility_inbox_message
from . import visibility_inbox_message_limits
from . import visibility_inbox_message_watch
from . import visibility_inbox_message_retention
