from . import visibility_exception
from . import visibility_message
from . import visibility_metrics
