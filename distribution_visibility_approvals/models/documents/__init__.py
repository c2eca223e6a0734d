from . import ir_attachment
from . import tier_definition
from . import tier_review
