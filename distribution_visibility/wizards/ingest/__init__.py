from . import visibility_replay_wizard
from . import visibility_link_wizard
from . import visibility_key_wizard
