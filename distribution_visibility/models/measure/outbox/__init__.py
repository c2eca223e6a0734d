from . import visibility_outbox_message
from . import visibility_metrics
from . import visibility_health
from . import visibility_watch
from . import visibility_heartbeat_out
from . import visibility_outbox_retention
