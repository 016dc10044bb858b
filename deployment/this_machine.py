"""AWS as it is on this machine: its one account, its one region and the address that it listens on."""

ACCOUNT, REGION = "000000000000", "us-east-1"
HOST = "127.0.0.1"
