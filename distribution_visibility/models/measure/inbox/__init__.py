from . import visibility_inbox_message
from . import visibility_metrics
