from . import visibility_exception_wizard
from . import visibility_close_wizard
from . import visibility_snooze_wizard
from . import visibility_assign_wizard
from . import visibility_merge_wizard
from . import visibility_split_wizard
