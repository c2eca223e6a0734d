from . import visibility_team
from . import visibility_team_member
from . import visibility_absence
from . import visibility_exception
from . import visibility_exception_category
