from . import visibility_promise
from . import visibility_promise_mixin
