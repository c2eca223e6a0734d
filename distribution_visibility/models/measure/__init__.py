from . import metrics
from . import inbox
from . import outbox
from . import response
from . import health
from . import erasure
