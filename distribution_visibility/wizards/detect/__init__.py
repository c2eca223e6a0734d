from . import exception
from . import gate
from . import expectation
