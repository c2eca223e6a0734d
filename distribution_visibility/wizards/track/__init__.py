from . import visibility_promise_wizard
