from . import visibility_expectation_preview
