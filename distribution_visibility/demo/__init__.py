from . import visibility_demo
