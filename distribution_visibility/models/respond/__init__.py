from . import visibility_exception_response
