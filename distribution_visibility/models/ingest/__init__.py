from . import visibility_mapping
from . import visibility_source
from . import visibility_source_key
from . import visibility_inbox_message
from . import res_config_settings
from . import visibility_code_map
