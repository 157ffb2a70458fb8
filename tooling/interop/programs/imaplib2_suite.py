"""Runs the test that imaplib2 brings with it against a server."""
import getpass
import runpy
import sys

_, port, user, password = sys.argv
getpass.getuser = lambda: user
getpass.getpass = lambda *_: password
sys.argv = ["imaplib2", "-p", port, "127.0.0.1"]
runpy.run_module("imaplib2", run_name="__main__")
