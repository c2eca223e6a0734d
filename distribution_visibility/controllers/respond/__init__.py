from . import openapi
from . import messages
