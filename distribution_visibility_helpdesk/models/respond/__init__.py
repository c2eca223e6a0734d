from . import visibility_exception_ticket
