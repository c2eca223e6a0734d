from .respond import test_decision
from .respond import test_decision_expectations
from .respond import test_guard
from .respond import test_segregation
from .respond import test_evidence
from .respond import test_decision_events
from .respond import test_asking
from .measure import test_access_rights
