from .detect import test_quality_hold
from .measure import test_access_rights
