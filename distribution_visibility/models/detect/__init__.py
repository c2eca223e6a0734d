from . import visibility_tag
from . import visibility_exception_category
from . import visibility_exception
from . import visibility_exception_subject
from . import visibility_exception_detection
from . import visibility_exception_clearing
from . import visibility_exception_promises
from . import visibility_exception_live
