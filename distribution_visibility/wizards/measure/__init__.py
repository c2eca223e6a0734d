from . import visibility_token_wizard
from . import visibility_erasure_wizard
