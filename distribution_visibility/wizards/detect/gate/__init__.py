from . import visibility_override_wizard
