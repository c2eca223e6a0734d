from . import exception
from . import rule
from . import gate
from . import expectation
from . import supply
from . import risk
from . import condition
