from . import stock_warehouse
from . import stock_move
from . import stock_picking
from . import stock_picking_list
from . import visibility_priority_change
from . import ir_actions_server
