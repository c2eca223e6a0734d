from . import qc_inspection
