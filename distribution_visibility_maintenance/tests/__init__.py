from .detect import test_capacity_down
from .measure import test_access_rights
