"""What respond does without the ORM: the catalogue of outgoing events, and sending them safely."""
"""Respond: what may be done without a person, and who gets what there is too little of."""
