from . import ingest
from . import measure
