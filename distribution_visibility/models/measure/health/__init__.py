from . import visibility_heartbeat
from . import visibility_health
from . import visibility_watch
from . import visibility_incident
