from . import visibility_erasure
from . import visibility_erasure_briefs
from . import visibility_erasure_runs
from . import visibility_erasure_overrides
