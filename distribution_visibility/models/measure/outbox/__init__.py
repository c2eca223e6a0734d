from . import visibility_outbox_message
from . import visibility_subscription
from . import visibility_metrics
