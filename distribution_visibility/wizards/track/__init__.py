from . import visibility_promise_wizard
from . import visibility_correction_wizard
