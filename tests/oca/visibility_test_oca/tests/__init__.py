from . import test_reviews
from . import test_dates
from . import test_documents
from . import test_partners
