from . import documents
from . import respond
