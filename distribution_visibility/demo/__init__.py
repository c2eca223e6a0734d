from . import visibility_demo
from . import visibility_demo_messages
from . import visibility_demo_past
from . import visibility_demo_warehouse
