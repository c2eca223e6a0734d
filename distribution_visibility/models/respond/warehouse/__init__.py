from . import stock_picking
from . import stock_picking_clock
from . import stock_picking_list
from . import visibility_priority_change
from . import visibility_priority_change_emission
from . import stock_picking_moving
from . import ir_actions_server
