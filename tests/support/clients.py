"""The stock clients: Debian's boto3 and its AWS CLI, pointed at one endpoint."""

import json
import os
import subprocess

import boto3
import botocore.config

REGION = "us-east-1"
ACCESS_KEY = "AKIATESTTESTTESTTEST"
CREDENTIALS = {
    "aws_access_key_id": ACCESS_KEY,
    "aws_secret_access_key": "secret",
    "region_name": REGION,
}

# A retried request would hide the answer that a test is about.
CONFIG = botocore.config.Config(
    retries={"total_max_attempts": 1}, connect_timeout=10, read_timeout=60, max_pool_connections=32
)


def athena(url, access_key=ACCESS_KEY):
    credentials = {**CREDENTIALS, "aws_access_key_id": access_key}
    return boto3.session.Session().client(
        "athena", endpoint_url=url, config=CONFIG, **credentials
    )


def s3(url):
    return boto3.session.Session().client("s3", endpoint_url=url, config=CONFIG, **CREDENTIALS)


def aws(url, *arguments):
    """Runs `aws … arguments` and returns what it printed: parsed if it is JSON, else bytes."""
    ran = run_aws(url, *arguments)
    assert ran.returncode == 0, ran.stderr.decode()
    try:
        return json.loads(ran.stdout)
    except ValueError:
        return ran.stdout


def run_aws(url, *arguments):
    env = {
        **os.environ,
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_PAGER": "",
        "AWS_MAX_ATTEMPTS": "1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
    }
    return subprocess.run(
        ["/usr/bin/aws", "--endpoint-url", url, "--output", "json", *arguments],
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=120,
        check=False,
    )
