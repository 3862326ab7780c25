"""Runs a Python handler as the managed python3 runtimes do.

Says that it is ready, is handed an invocation, calls the handler and sends what it returns or raises, over the channel to
Regente (descriptor 3; frames as frames.ts has them). Errors take the shape and
the words of AWS's own runtime; the folder of the code shows as /var/task in stack traces, where AWS has it.
Source: AWS Lambda developer guide, "Using the Lambda runtime API" and "Lambda function handler in Python".
"""

import decimal
import importlib
import importlib.machinery
import importlib.util
import json
import logging
import math
import os
import sys
import time
import traceback
import warnings

os.umask(0o022)  # as on AWS; Regente's own is narrower
CHANNEL = 3
os.set_inheritable(CHANNEL, False)
TASK_ROOT = os.environ["LAMBDA_TASK_ROOT"]
PYTHON = sys.version_info[:2]
HERE = os.path.dirname(os.path.abspath(__file__))
LAYERS = os.environ.pop("REGENTE_LAYERS", None)


class Fault(Exception):
    """The runtime's own complaint about the function: a kind such as Runtime.HandlerNotFound, and a text."""

    def __init__(self, kind, message, trace=None):
        super().__init__(message)
        self.kind, self.message, self.trace = kind, message, trace or []


class CognitoIdentity:
    def __init__(self, identity):
        self.cognito_identity_id = identity.get("cognitoIdentityId")
        self.cognito_identity_pool_id = identity.get("cognitoIdentityPoolId")


class Client:
    def __init__(self, client):
        for name in ("installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name"):
            setattr(self, name, client.get(name))


class ClientContext:
    def __init__(self, given):
        self.custom = given.get("custom")
        self.env = given.get("env")
        self.client = Client(given["client"]) if isinstance(given.get("client"), dict) else None


class LambdaContext:
    """What the handler gets as its second argument."""

    def __init__(self, request_id, deadline_ms, arn, client_context):
        self.aws_request_id = request_id
        self.invoked_function_arn = arn
        self.function_name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME")
        self.function_version = os.environ.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.memory_limit_in_mb = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.log_group_name = os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME")
        self.client_context = ClientContext(json.loads(client_context)) if client_context else None
        self.identity = CognitoIdentity({})
        self._deadline_ms = deadline_ms

    def get_remaining_time_in_millis(self):
        return max(0, int(self._deadline_ms - time.time() * 1000))

    def log(self, message):
        sys.stdout.write(str(message))


class LogFilter(logging.Filter):
    request_id = ""

    def filter(self, record):
        record.aws_request_id = LogFilter.request_id
        return True


class LogHandler(logging.Handler):
    def emit(self, record):
        write_record(self.format(record))


def write_record(text):
    """One log event: carriage returns stand for line feeds until the log has split the lines."""
    sys.stdout.write(text.replace("\n", "\r") + "\n")


def set_up_logging():
    handler = LogHandler()
    handler.addFilter(LogFilter())
    line = logging.Formatter(
        "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s", "%Y-%m-%dT%H:%M:%S"
    )
    line.converter = time.gmtime
    handler.setFormatter(line)
    logging.getLogger().addHandler(handler)


class Loader(importlib.machinery.SourceFileLoader):
    """Leaves nothing beside what it loads: Regente's own folder stays as it is."""

    def set_data(self, path, data, *, _mode=0o666):
        pass


class Lender:
    """Finds, where nobody else does, the module that AWS puts beside code that stands in a template."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        return spec_of(name) if name == "cfnresponse" else None


def spec_of(name):
    path = os.path.join(HERE, name + ".py")
    return importlib.util.spec_from_file_location(name, path, loader=Loader(name, path))


def own(name):
    """A module of ours, which the function's own of that name does not meet."""
    spec = spec_of(name)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def lend():
    sys.meta_path.append(Lender)
    if "AWS_ENDPOINT_URL" in os.environ:
        own("response_link").lead_links_to(os.environ["AWS_ENDPOINT_URL"])
    if LAYERS is not None:
        own("layer_programs").lend_programs(LAYERS)


def find_handler(name):
    try:
        module_name, function_name = name.rsplit(".", 1)
    except ValueError as error:
        raise Fault("Runtime.MalformedHandlerName", "Bad handler '{}': {}".format(name, error)) from None
    try:
        if module_name.split(".")[0] in sys.builtin_module_names:
            text = "Cannot use built-in module {} as a handler module".format(module_name)
            raise Fault("Runtime.BuiltInModuleConflict", text)
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        text = "Unable to import module '{}': {}".format(module_name, error)
        if (error.name or "").split(".")[0] in ("boto3", "botocore"):
            text += ". Regente runs functions with this machine's python3, which has no boto3: apt install python3-boto3, or pip install boto3"
        raise Fault("Runtime.ImportModuleError", text) from None
    except SyntaxError as error:
        text = "Syntax error in module '{}': {}".format(module_name, error)
        where = '  File "%s" Line %s\n    %s' % (as_aws_path(error.filename or ""), error.lineno, error.text)
        raise Fault("Runtime.UserCodeSyntaxError", text, [where]) from None
    try:
        return getattr(module, function_name)
    except AttributeError:
        text = "Handler '{}' missing on module '{}'".format(function_name, module_name)
        raise Fault("Runtime.HandlerNotFound", text) from None


def as_aws_path(text):
    return text.replace(TASK_ROOT, "/var/task")


class Encoder(json.JSONEncoder):
    def default(self, value):
        if isinstance(value, decimal.Decimal):
            return math.nan if value.is_nan() else float(value)
        return super().default(value)


def marshal(result):
    if hasattr(result, "read"):
        found = result.read()
        return found.encode("utf-8") if isinstance(found, str) else bytes(found)
    if isinstance(result, (bytes, bytearray)):
        return bytes(result)
    try:
        return Encoder(ensure_ascii=PYTHON < (3, 12)).encode(result).encode("utf-8")
    except Exception as error:
        raise Fault("Runtime.MarshalError", "Unable to marshal response: {}".format(error)) from None


def unmarshal(body):
    try:
        return json.loads(body)
    except Exception as error:
        raise Fault("Runtime.UnmarshalError", "Unable to unmarshal input: {}".format(error)) from None


def describe(error, request_id):
    """The error as the caller of the function sees it: message, type, request, stack trace of the user's own frames."""
    if isinstance(error, Fault):
        message, kind, trace = error.message, error.kind, error.trace
    else:
        frames = [(f.filename, f.lineno, f.name, f.line) for f in traceback.extract_tb(error.__traceback__)]
        while frames and frames[0][0] == __file__:
            frames.pop(0)
        message, kind = str(error), type(error).__name__
        trace = [as_aws_path(line) for line in traceback.format_list(frames)]
    return {"errorMessage": message, "errorType": kind, "requestId": request_id, "stackTrace": trace}


def log_error(report):
    text = "[ERROR] {}: {}".format(report["errorType"], report["errorMessage"])
    if report["stackTrace"]:
        text += "\nTraceback (most recent call last):\n" + "".join(report["stackTrace"])
    write_record(text.rstrip("\n"))


def gone():
    # Regente is gone, or was not heard (environment.ts knows the code).
    os._exit(113)


def read(size):
    parts = []
    while size > 0:
        try:
            part = os.read(CHANNEL, min(size, 1 << 20))
        except OSError:
            gone()
        if not part:
            gone()
        parts.append(part)
        size -= len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def receive():
    """The head and the body of the next invocation."""
    lengths = read(8)
    head = read(int.from_bytes(lengths[:4], "big"))
    return json.loads(head), read(int.from_bytes(lengths[4:], "big"))


def send(head, body=b""):
    text = json.dumps(head).encode("ascii")
    rest = memoryview(b"".join((len(text).to_bytes(4, "big"), len(body).to_bytes(4, "big"), text, body)))
    while rest:
        try:
            rest = rest[os.write(CHANNEL, rest) :]
        except OSError:
            gone()


def send_report(head, report):
    send(head, json.dumps(report, ensure_ascii=False).encode("utf-8", "surrogatepass"))


def load():
    """The handler, or the report of why there is none."""
    sys.path.insert(0, TASK_ROOT)
    if sys.path[1:] and sys.path[1] == HERE:
        del sys.path[1]
    try:
        return find_handler(os.environ["_HANDLER"]), None
    except Exception as error:
        return None, describe(error, "")


def run():
    set_up_logging()
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    sys.path[:] = [path for path in sys.path if path != HERE]
    lend()
    handler, report = load()
    if report is not None:
        log_error(report)
        send_report({"kind": "init-error"}, report)
        sys.exit(1)
    send({"kind": "ready"})
    while True:
        head, body = receive()
        serve(handler, head, body)


def serve(handler, head, body):
    request_id = head["id"]
    LogFilter.request_id = request_id
    os.environ["_X_AMZN_TRACE_ID"] = head["traceId"]
    try:
        context = LambdaContext(request_id, head["deadlineMs"], head["functionArn"], head.get("clientContext"))
        result = marshal(handler(unmarshal(body), context))
    except Exception as error:
        report = describe(error, request_id)
        log_error(report)
        send_report({"kind": "error", "id": request_id}, report)
    else:
        send({"kind": "response", "id": request_id}, result)


run()
