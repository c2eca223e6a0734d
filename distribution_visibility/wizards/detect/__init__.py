from . import visibility_override_wizard
from . import visibility_expectation_preview
