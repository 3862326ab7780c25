"""What `import cfnresponse` gives to handlers of custom resources whose code stands in a template.

Source: CloudFormation user guide, "cfn-response module".
"""

import json
import urllib.request

SUCCESS = "SUCCESS"
FAILED = "FAILED"


def send(event, context, responseStatus, responseData, physicalResourceId=None, noEcho=False, reason=None):
    """Puts the answer at the request's link. Where that cannot be done it is only logged."""
    log_stream = context.log_stream_name
    body = json.dumps(
        {
            "Status": responseStatus,
            "Reason": reason or "See the details in CloudWatch Log Stream: {}".format(log_stream),
            "PhysicalResourceId": physicalResourceId or log_stream,
            "StackId": event["StackId"],
            "RequestId": event["RequestId"],
            "LogicalResourceId": event["LogicalResourceId"],
            "NoEcho": noEcho,
            "Data": responseData,
        }
    )
    print("Response body:")
    print(body)
    request = urllib.request.Request(event["ResponseURL"], body.encode("utf-8"), {"content-type": ""}, method="PUT")
    try:
        with urllib.request.urlopen(request) as response:
            print("Status code:", response.status)
    except Exception as error:
        print("The answer could not be sent:", error)
