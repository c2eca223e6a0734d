from . import visibility_proposal_line
from . import visibility_proposal
from . import visibility_event
