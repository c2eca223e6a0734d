from . import stock_move
from . import purchase_order_line
from . import visibility_proposal_effect
from . import visibility_proposal_line
from . import visibility_proposal
from . import visibility_event
from . import visibility_exception
from . import visibility_receipt_comparison
