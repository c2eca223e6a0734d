from .respond import test_merged_tickets
from .measure import test_access_rights
