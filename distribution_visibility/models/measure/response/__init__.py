from . import visibility_exception
from . import visibility_metrics
from . import visibility_override_metrics
from . import visibility_watch
from . import visibility_people_watch
from . import visibility_message
