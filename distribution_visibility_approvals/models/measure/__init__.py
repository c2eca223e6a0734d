from . import visibility_metrics
from . import visibility_erasure
