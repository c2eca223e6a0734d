from . import ingest
from . import track
from . import measure
