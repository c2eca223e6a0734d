from . import visibility_decision_metrics
from . import visibility_erasure
