"""The model-driven suite: requests made from botocore's own model of the service, their answers held
against it. test_operations.py is where to begin; the README of the folder says how to repeat a run."""
