from . import account_move
from . import stock_picking_allocation
from . import sale_order_stock
from . import sale_order_credit
from . import stock_picking_receipt
