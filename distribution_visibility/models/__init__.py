# The ground floor, then the order of the data: ingest, track, detect, respond, measure.
from . import base
from . import ingest
from . import track
from . import detect
from . import documents
from . import respond
from . import measure
