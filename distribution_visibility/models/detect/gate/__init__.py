from . import visibility_gate
from . import visibility_exception_category
from . import visibility_aspect
from . import visibility_override
from . import visibility_exception
from . import visibility_rule
from . import visibility_gated_mixin
from . import stock_move
