"""Runs a Python handler behind the Lambda Runtime API, as the managed python3 runtimes do.

Asks for an invocation, calls the handler, posts what it returns or raises, and asks again. Errors take the shape and
the words of AWS's own runtime; the folder of the code shows as /var/task in stack traces, where AWS has it.
Source: AWS Lambda developer guide, "Using the Lambda runtime API" and "Lambda function handler in Python".
"""

import decimal
import http.client
import importlib
import json
import logging
import math
import os
import sys
import time
import traceback
import warnings

os.umask(0o022)  # as on AWS; Regente's own is narrower
API = os.environ["AWS_LAMBDA_RUNTIME_API"]
VERSION = "/2018-06-01/runtime"
TASK_ROOT = os.environ["LAMBDA_TASK_ROOT"]
PYTHON = sys.version_info[:2]


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

    def __init__(self, request_id, deadline_ms, arn, client_context, identity):
        self.aws_request_id = request_id
        self.invoked_function_arn = arn
        self.function_name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME")
        self.function_version = os.environ.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.memory_limit_in_mb = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.log_group_name = os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME")
        self.client_context = ClientContext(json.loads(client_context)) if client_context else None
        self.identity = CognitoIdentity(json.loads(identity) if identity else {})
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
        return result.read(), "application/unknown"
    if isinstance(result, (bytes, bytearray)):
        return bytes(result), "application/unknown"
    try:
        return Encoder(ensure_ascii=PYTHON < (3, 12)).encode(result).encode("utf-8"), "application/json"
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


class RuntimeApi:
    def __init__(self):
        self.connection = http.client.HTTPConnection(API)

    def call(self, method, path, body=None, headers=None):
        try:
            self.connection.request(method, VERSION + path, body, headers or {})
            response = self.connection.getresponse()
            return response.headers, response.read()
        except (OSError, http.client.HTTPException):
            # Regente is gone, or could not take the call for want of descriptors (environment.ts knows the code).
            os._exit(113)

    def next(self):
        return self.call("GET", "/invocation/next")

    def respond(self, request_id, body, content_type):
        self.call("POST", "/invocation/%s/response" % request_id, body, {"Content-Type": content_type})

    def fail(self, path, report):
        body = json.dumps(report, ensure_ascii=False).encode("utf-8", "surrogatepass")
        headers = {"Content-Type": "application/json", "Lambda-Runtime-Function-Error-Type": report["errorType"]}
        self.call("POST", path, body, headers)


def load():
    """The handler, or the report of why there is none."""
    sys.path.insert(0, TASK_ROOT)
    if sys.path[1:] and sys.path[1] == os.path.dirname(os.path.abspath(__file__)):
        del sys.path[1]
    try:
        return find_handler(os.environ["_HANDLER"]), None
    except Exception as error:
        return None, describe(error, "")


def run():
    set_up_logging()
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    sys.path[:] = [path for path in sys.path if path != os.path.dirname(os.path.abspath(__file__))]
    api = RuntimeApi()
    handler, report = load()
    if report is not None:
        log_error(report)
        api.fail("/init/error", report)
        sys.exit(1)
    while True:
        headers, body = api.next()
        serve(api, handler, headers, body)


def serve(api, handler, headers, body):
    request_id = headers["Lambda-Runtime-Aws-Request-Id"]
    LogFilter.request_id = request_id
    os.environ["_X_AMZN_TRACE_ID"] = headers.get("Lambda-Runtime-Trace-Id", "")
    try:
        context = LambdaContext(
            request_id,
            int(headers["Lambda-Runtime-Deadline-Ms"]),
            headers["Lambda-Runtime-Invoked-Function-Arn"],
            headers.get("Lambda-Runtime-Client-Context"),
            headers.get("Lambda-Runtime-Cognito-Identity"),
        )
        result, content_type = marshal(handler(unmarshal(body), context))
    except Exception as error:
        report = describe(error, request_id)
        log_error(report)
        api.fail("/invocation/%s/error" % request_id, report)
    else:
        api.respond(request_id, result, content_type)


run()
