"""Lets Python functions start the programs of their layers as on AWS, where layers lie at /opt and Python at /var/lang.

Neither is sure to be there on this machine: what is missing below /opt is started from where the layers lie, and what wants
/var/lang/bin/python is run by the Python that runs the function. CDK's BucketDeployment starts /opt/awscli/aws so.
"""

import os
import subprocess
import sys

OPT = "/opt/"
PYTHON = b"#!/var/lang/bin/python"


def lend_programs(layers):
    begin = subprocess.Popen.__init__

    def begin_found(self, args, *rest, **named):
        begin(self, args if named.get("shell") else found(args, layers), *rest, **named)

    subprocess.Popen.__init__ = begin_found


def found(args, layers):
    """The command that is run for `args`: a list, or the name of a program."""
    given = [args] if isinstance(args, (str, bytes, os.PathLike)) else list(args)
    if not given:
        return args
    program = os.fsdecode(given[0])
    if not program.startswith(OPT):
        return args
    path = program if os.path.exists(program) else os.path.join(layers, program[len(OPT) :])
    return [*interpreter(path), path, *given[1:]]


def interpreter(path):
    try:
        with open(path, "rb") as file:
            wants_python = file.read(len(PYTHON)) == PYTHON
    except OSError:
        return []
    return [sys.executable] if wants_python and not os.path.exists("/var/lang/bin/python") else []
