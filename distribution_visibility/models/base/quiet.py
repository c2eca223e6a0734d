"""The one context for records that are made by the thousand, and of which the lists tell."""

#: No mail, no follower, no entry in the chatter and no tracking.
QUIET = {
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "mail_auto_subscribe_no_notify": True,
    "mail_notrack": True,
    "tracking_disable": True,
}
