from . import visibility_brief
from . import visibility_brief_facts
from . import visibility_brief_facts_options
from . import visibility_brief_text
from . import visibility_exception
from . import ir_actions_server
