from . import ingest
from . import track
from . import respond
from . import measure
