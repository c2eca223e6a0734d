from . import visibility_priority_change
from . import stock_picking_batch
from . import stock_picking
from . import ir_actions_server
from . import visibility_action_run
