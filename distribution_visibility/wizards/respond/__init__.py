from . import visibility_head_wizard
from . import visibility_subscription_key_wizard
from . import visibility_outbox_wizard
from . import visibility_proposal_refuse_wizard
from . import visibility_hand_wizard
from . import visibility_return_wizard
from . import visibility_priority_wizard
from . import visibility_priority_reason_wizard
