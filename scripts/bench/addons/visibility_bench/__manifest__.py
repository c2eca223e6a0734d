{
    "name": "Distribution Visibility: benchmark",
    "summary": "Loaded by `make bench` only: an empty route, and Odoo's own webhook to compare with",
    "version": "19.0.1.0.0",
    "category": "Hidden",
    "license": "LGPL-3",
    "author": "Distribution Visibility contributors",
    "depends": ["distribution_visibility"],
    "installable": True,
}
