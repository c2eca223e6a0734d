from . import visibility_hand_wizard
from . import visibility_return_wizard
