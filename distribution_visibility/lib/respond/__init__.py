"""What respond does without the ORM: the catalogue of outgoing events, and sending them safely."""
