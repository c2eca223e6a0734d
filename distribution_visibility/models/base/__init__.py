from . import visibility_cached_mixin
from . import visibility_queue_mixin
from . import visibility_vault
from . import visibility_key_mixin
from . import visibility_vocabulary_mixin
from . import visibility_follow_up
from . import visibility_written_once_mixin
from . import visibility_evidence_mixin
