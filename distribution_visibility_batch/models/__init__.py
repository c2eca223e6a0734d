from . import respond
