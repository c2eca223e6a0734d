from . import purchase_order_line
from . import visibility_proposal_change
from . import visibility_proposal
from . import visibility_proposal_line
from . import visibility_proposal_policy
from . import visibility_event
from . import visibility_exception
