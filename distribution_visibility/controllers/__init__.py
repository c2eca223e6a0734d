from . import ingest
from . import measure
from . import respond
