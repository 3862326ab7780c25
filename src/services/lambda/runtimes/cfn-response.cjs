/**
 * What `require('cfn-response')` gives to handlers of custom resources whose code stands in a template.
 * Source: CloudFormation user guide, "cfn-response module".
 */
const http = require('node:http')
const https = require('node:https')

exports.SUCCESS = 'SUCCESS'
exports.FAILED = 'FAILED'

/** Puts the answer at the request's link and ends the invocation, whether it could or not. Resolves when that is done. */
exports.send = async (event, context, responseStatus, responseData, physicalResourceId, noEcho) => {
  const body = JSON.stringify({
    Status: responseStatus,
    Reason: `See the details in CloudWatch Log Stream: ${context.logStreamName}`,
    PhysicalResourceId: physicalResourceId || context.logStreamName,
    StackId: event.StackId,
    RequestId: event.RequestId,
    LogicalResourceId: event.LogicalResourceId,
    NoEcho: noEcho || false,
    Data: responseData,
  })
  console.log('Response body:\n', body)
  try {
    console.log('Status code:', await put(new URL(event.ResponseURL), body))
  } catch (error) {
    console.log('The answer could not be sent:', error)
  }
  context.done()
}

function put(url, body) {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': '', 'content-length': Buffer.byteLength(body) }
    const { request } = url.protocol === 'http:' ? http : https
    const sent = request(url, { method: 'PUT', headers }, (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode))
      response.on('error', reject)
    })
    sent.on('error', reject)
    sent.end(body)
  })
}
