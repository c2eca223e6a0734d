from . import visibility_head_wizard
