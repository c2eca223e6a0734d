from . import metrics
from . import inbox
from . import health
from . import erasure
from . import outbox
from . import response
