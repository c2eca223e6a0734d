from .detect import test_quality_hold
