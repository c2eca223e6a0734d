from .respond import test_batches
