from . import visibility_merge
from . import visibility_exception
from . import visibility_message
from . import visibility_override
from . import visibility_partner_risk
from . import res_partner
from . import base_partner_merge_automatic_wizard
from . import purchase_order
