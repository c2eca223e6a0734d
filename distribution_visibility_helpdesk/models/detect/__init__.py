from . import visibility_exception_category
