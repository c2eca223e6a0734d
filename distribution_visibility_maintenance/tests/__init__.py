from .detect import test_capacity_down
