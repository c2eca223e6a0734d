from . import visibility_log_head_wizard
