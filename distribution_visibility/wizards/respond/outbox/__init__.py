from . import visibility_subscription_key_wizard
from . import visibility_outbox_wizard
