"""What the suite knows that needs no database: plain Python, one package a room.

Nothing below imports Odoo, so that it can be read, tested and reused without it.
"""
