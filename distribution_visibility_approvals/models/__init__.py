from . import documents
from . import respond
from . import measure
