from . import visibility_exception_category
from . import visibility_exception_category_customer
