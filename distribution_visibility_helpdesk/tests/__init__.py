from .respond import test_exception_ticket
from .respond import test_ticket_expectations
from .respond import test_ticket_for_customers
from .respond import test_ticket_team
from .respond import test_ticket_automation
from . import test_whole_scene
from .measure import test_access_rights
