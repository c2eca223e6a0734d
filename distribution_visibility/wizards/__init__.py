from . import ingest
from . import track
from . import detect
from . import respond
from . import measure
