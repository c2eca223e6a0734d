from . import webhook
from . import openapi
