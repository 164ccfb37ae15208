"""The model-driven suite: requests made from botocore's own model of the service, their answers
held against it. test_operations.py is where to begin; README.md says how to repeat a run."""
