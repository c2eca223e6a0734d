from . import visibility_exception
from . import mail_activity
