from . import visibility_erasure
