from . import health
from . import webhook_tally
