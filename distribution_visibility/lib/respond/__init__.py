"""What respond does without the ORM: the catalogue of outgoing events, and sending them safely; what may be
accepted without a person, and who gets what there is too little of."""
