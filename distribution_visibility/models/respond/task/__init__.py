from . import visibility_exception
from . import mail_activity
from . import mail_activity_plan
from . import mail_activity_plan_template
from . import mail_activity_schedule
