from . import account_move
from . import stock_picking
from . import sale_order_stock
from . import sale_order
from . import stock_picking_receipt
