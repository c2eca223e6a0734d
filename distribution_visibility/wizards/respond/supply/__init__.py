from . import visibility_proposal_refuse_wizard
