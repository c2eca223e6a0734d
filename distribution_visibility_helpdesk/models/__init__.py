from . import documents
from . import detect
from . import respond
from . import measure
