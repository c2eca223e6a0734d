from . import visibility_document_mixin
from . import delivery_carrier
from . import res_partner
from . import stock_picking
from . import sale_order
from . import sale_order_line
from . import purchase_order
from . import purchase_order_line
