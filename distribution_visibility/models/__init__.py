# The order is the order of the data: ingest, track, detect, respond, measure.
from . import ingest
from . import track
from . import detect
from . import documents
from . import respond
from . import measure
