from . import visibility_inbox_message
from . import visibility_metrics
from . import visibility_refusal
from . import visibility_source
