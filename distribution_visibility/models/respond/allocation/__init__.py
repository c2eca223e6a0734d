from . import res_company
from . import visibility_allocation
from . import visibility_allocation_line
from . import visibility_allocation_applying
from . import stock_picking
from . import product_product
