from . import ingest
from . import track
from . import respond
from . import detect
from . import measure
