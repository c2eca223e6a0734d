from . import log
from . import outbox
from . import supply
from . import override
from . import warehouse
