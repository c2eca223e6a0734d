from . import visibility_document_mixin
from . import visibility_partner_risk
from . import res_partner
