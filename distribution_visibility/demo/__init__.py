from . import visibility_demo
from . import visibility_demo_messages
