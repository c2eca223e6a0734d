from . import visibility_counter
from . import visibility_metrics
from . import res_config_settings
