import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { JsonObject } from '../../base/json.ts'

import { callQuery } from '../../aws/call.ts'
import { endpointsAt } from '../../aws/endpoints.ts'
import { SERVICES } from '../../aws/services.ts'

import { missingAttributeText } from './custom-resource.ts'
import { declared, serveLinks, STACK_ID, taskOf } from './testing/served-links.ts'

let served: Awaited<ReturnType<typeof serveLinks>>
beforeAll(async () => {
  served = await serveLinks()
})
afterAll(() => served.close())

/** As CDK's handlers answer: TLS to the host of the link, whatever its port and scheme. */
const LIKE_CDK = `
  const put = (event, answer) => new Promise((resolve, reject) => {
    const { hostname, path } = require('url').parse(event.ResponseURL)
    const body = typeof answer === 'string' ? answer : JSON.stringify({ StackId: event.StackId, RequestId: event.RequestId, LogicalResourceId: event.LogicalResourceId, ...answer })
    const headers = { 'content-type': '', 'content-length': Buffer.byteLength(body, 'utf8') }
    const request = require('https').request({ hostname, path, method: 'PUT', headers }, (response) => { response.resume(); resolve(response.statusCode) })
    request.on('error', reject)
    request.write(body)
    request.end()
  })`
const node = (body: string) => ({ 'index.js': `${LIKE_CDK}\nexports.handler = async (event) => { ${body} }` })
const TOLD = `await put(event, { Status: 'SUCCESS', PhysicalResourceId: 'thing-1', Data: { event: JSON.stringify(event), 'a.b': [1] } })`

let operations = 0
const newOperation = () => `operation-${++operations}`
const create = (properties: JsonObject, operation = newOperation()) =>
  served.custom(operation).deploy(declared(properties), served.context)
const eventIn = (attributes: Readonly<Record<string, unknown>>): unknown => JSON.parse(String(attributes['event']))

describe('a custom resource backed by a function', () => {
  test('is made, changed and removed by requests of which all scalars are texts', async () => {
    const ServiceToken = await served.makeFunction('whole', node(TOLD))
    const properties = { ServiceToken, Prune: true, Count: 3, List: [1, { deep: false }], Text: 'x' }
    const made = await create(properties)
    expect(made).toMatchObject({ ref: 'thing-1', change: 'created', noEcho: false, attributes: { 'a.b': [1] } })
    const texts = { ServiceToken, Prune: 'true', Count: '3', List: ['1', { deep: 'false' }], Text: 'x' }
    expect(eventIn(made.attributes)).toEqual({
      RequestType: 'Create',
      ServiceToken,
      ResponseURL: expect.stringMatching(
        /^http:\/\/127\.0\.0\.1:\d+\/_regente\/cloudformation\/responses\/[\w-]{36}\?Signature=/,
      ),
      StackId: STACK_ID,
      RequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      LogicalResourceId: 'Thing',
      ResourceType: 'Custom::Thing',
      ResourceProperties: texts,
    })

    const before = { ref: made.ref, type: 'Custom::Thing', properties }
    const changed = await served.custom(newOperation()).deploy(declared({ ServiceToken, Text: 'y' }, before), served.context)
    expect(changed).toMatchObject({ ref: 'thing-1', change: 'updated' })
    expect(eventIn(changed.attributes)).toMatchObject({
      RequestType: 'Update',
      PhysicalResourceId: 'thing-1',
      ResourceProperties: { ServiceToken, Text: 'y' },
      OldResourceProperties: texts,
    })
    expect(await served.custom(newOperation()).remove?.('thing-1', served.aws, { properties })).toBeUndefined()
  })

  test('is not told to install an SDK of its own', async () => {
    const ServiceToken = await served.makeFunction('frugal', node(TOLD))
    const { attributes } = await create({ ServiceToken, InstallLatestAwsSdk: true })
    expect(eventIn(attributes)).toHaveProperty('ResourceProperties', { ServiceToken, InstallLatestAwsSdk: 'false' })
  })

  test('answers however its handler speaks to the link by https', async () => {
    const code = `const https = require('https')
      import('node:https').then((imported) => globalThis.imported = imported)
      exports.handler = (event) => new Promise((resolve, reject) => {
        const url = new URL(event.ResponseURL)
        const { Way } = event.ResourceProperties
        const method = { method: 'PUT' }
        const request = {
          url: () => https.request(url, method, resolve),
          text: () => https.request(event.ResponseURL, method, resolve),
          parts: () => https.request({ host: url.hostname, port: 443, path: url.pathname + url.search, agent: https.globalAgent, headers: { Host: url.hostname }, ...method }, resolve),
          imported: () => imported.request({ hostname: url.hostname, path: url.pathname + url.search, ...method }, resolve),
        }[Way]()
        request.on('error', reject)
        request.end(JSON.stringify({ Status: 'SUCCESS', PhysicalResourceId: Way }))
      }).then(() => undefined)`
    const ServiceToken = await served.makeFunction('ways', { 'index.js': code })
    for (const Way of ['url', 'text', 'parts', 'imported']) expect((await create({ ServiceToken, Way })).ref).toBe(Way)
  })

  test('answers by cfn-response, which code in a template may require', async () => {
    const code = `const response = require('cfn-response')
      exports.handler = (event, context) => { response.send(event, context, response.SUCCESS, { Answer: 42 }, 'by-module', true) }`
    const ServiceToken = await served.makeFunction('module', { 'index.js': code })
    expect(await create({ ServiceToken })).toMatchObject({ ref: 'by-module', attributes: { Answer: 42 }, noEcho: true })
  })

  test('answers from Python: by cfnresponse, by urllib, and by TLS to the host of the link', async () => {
    const code = `
import cfnresponse, json, http.client, urllib.request, urllib.parse
def handler(event, context):
    way = event["ResourceProperties"]["Way"]
    answer = {"Status": "SUCCESS", "PhysicalResourceId": way, "Data": {"Way": way}}
    if way == "cfnresponse":
        cfnresponse.send(event, context, cfnresponse.SUCCESS, {"Way": way}, way)
    elif way == "urllib":
        urllib.request.urlopen(urllib.request.Request(event["ResponseURL"], json.dumps(answer).encode(), {"content-type": ""}, method="PUT"))
    else:
        link = urllib.parse.urlsplit(event["ResponseURL"])
        host = link.netloc if way == "netloc" else link.hostname
        connection = http.client.HTTPSConnection(host)
        connection.request("PUT", link.path + "?" + link.query, json.dumps(answer), {"content-type": ""})
        print(connection.getresponse().status)
`
    const ServiceToken = await served.makeFunction('python', { 'index.py': code }, { runtime: 'python3.12' })
    for (const Way of ['cfnresponse', 'urllib', 'netloc', 'hostname'])
      expect(await create({ ServiceToken, Way })).toMatchObject({ ref: Way, attributes: { Way } })
  })

  test('that says FAILED fails with its reason, and tells what is to be removed', async () => {
    const ServiceToken = await served.makeFunction(
      'failing',
      node(`await put(event, { Status: 'FAILED', Reason: 'no room', PhysicalResourceId: 'half' })`),
    )
    await expect(create({ ServiceToken })).rejects.toMatchObject({
      message: expect.stringMatching(
        /^Received response status \[FAILED\] from custom resource\. Message returned: no room \(RequestId: [0-9a-f-]{36}\)$/,
      ),
      ref: 'half',
    })
    const gone = served.custom(newOperation()).remove?.('half', served.aws, { properties: { ServiceToken } })
    await expect(gone).rejects.toThrow('Received response status [FAILED] from custom resource. Message returned: no room')
  })

  test('that answers nothing fails when its time is over', async () => {
    const ServiceToken = await served.makeFunction('silent', node(`throw new Error('lost')`))
    await expect(create({ ServiceToken, ServiceTimeout: '1' })).rejects.toMatchObject({
      message: expect.stringMatching(
        /^CloudFormation did not receive a response from your Custom Resource\. Please check your logs for requestId \[[0-9a-f-]{36}\]\. If you are using the Python cfn-response module, /,
      ),
      ref: 'shop-Thing-ABCDEF',
    })
    await expect(create({ ServiceToken, ServiceTimeout: 3601 })).rejects.toThrow('ServiceTimeout must be between 1 and 3600')
  })

  test.each([
    ["{ Status: 'FAILURE', PhysicalResourceId: 'x' }", "Invalid Response object: 'FAILURE' is not a valid ResponseStatus"],
    ["{ Status: 'SUCCESS' }", 'Invalid PhysicalResourceId'],
    ["{ Status: 'FAILED', Reason: 'why' }", 'Invalid PhysicalResourceId'],
    [
      "{ Status: 'SUCCESS', PhysicalResourceId: 'x', Data: [1] }",
      'Invalid Response object: Value of property Data must be an object',
    ],
    ["'no JSON'", 'Invalid Response object: it is not a JSON object'],
    ["{ Status: 'SUCCESS', PhysicalResourceId: 'x', Data: { Long: 'x'.repeat(4096) } }", 'Response object is too long.'],
    ["{ Status: 'SUCCESS', PhysicalResourceId: 'x', Data: { Long: 'x'.repeat(1e6) } }", 'Response object is too long.'],
  ])('that answers %s fails: %s', async (answer, reason) => {
    const ServiceToken = await served.makeFunction(`bad-${newOperation()}`, node(`await put(event, ${answer})`))
    await expect(create({ ServiceToken })).rejects.toMatchObject({ message: reason })
  })

  test('is held to its first answer', async () => {
    const answer = (id: string) => `await put(event, { Status: 'SUCCESS', PhysicalResourceId: '${id}' })`
    const ServiceToken = await served.makeFunction('twice', node(`${answer('first')}; ${answer('second')}`))
    expect(await create({ ServiceToken })).toMatchObject({ ref: 'first' })
  })

  test('is another resource when it answers an update with another id', async () => {
    const ServiceToken = await served.makeFunction(
      'replaced',
      node(`await put(event, { Status: 'SUCCESS', PhysicalResourceId: event.ResourceProperties.Name })`),
    )
    const before = { ref: 'one', type: 'Custom::Thing', properties: { ServiceToken, Name: 'one' } }
    const changed = served.custom(newOperation()).deploy(declared({ ServiceToken, Name: 'two' }, before), served.context)
    expect(await changed).toMatchObject({ ref: 'two' })
  })

  test('is asked once, however often its task is done', async () => {
    const code = "await put(event, { Status: 'SUCCESS', PhysicalResourceId: require('crypto').randomUUID() })"
    const ServiceToken = await served.makeFunction('once', node(code))
    const operation = newOperation()
    const both = await Promise.all([create({ ServiceToken }, operation), create({ ServiceToken }, operation)])
    expect(both[0].ref).toBe(both[1].ref)
    const links = served.openLinks()
    const again = served.custom(operation, { links }).deploy(declared({ ServiceToken }), served.context)
    expect((await again).ref).toBe(both[0].ref)
  })

  test('that is waited for when the server stops is waited for when it is back', async () => {
    const ServiceToken = await served.makeFunction(
      'slow',
      node(
        `await new Promise((done) => setTimeout(done, 300)); await put(event, { Status: 'SUCCESS', PhysicalResourceId: 'slow' })`,
      ),
    )
    const operation = newOperation()
    const stop = new AbortController()
    const first = served.custom(operation, { signal: stop.signal }).deploy(declared({ ServiceToken }), served.context)
    setTimeout(() => stop.abort(new Error('stopped')), 100)
    await expect(first).rejects.toThrow('stopped')
    expect(await create({ ServiceToken }, operation)).toMatchObject({ ref: 'slow' })
  })

  test('whose function is not there fails at once, with nothing to remove', async () => {
    const ServiceToken = 'arn:aws:lambda:us-east-1:000000000000:function:nobody'
    await expect(create({ ServiceToken })).rejects.toMatchObject({
      message: expect.stringMatching(
        /^Function not found: arn:aws:lambda:us-east-1:000000000000:function:nobody\S* \(Service: Lambda, Status Code: 404, Request ID: .+\)$/,
      ),
      ref: undefined,
    })
    const removed = served.custom(newOperation()).remove?.('x', served.aws, { properties: { ServiceToken } })
    await expect(removed).rejects.toThrow('Function not found')
    await expect(create({ ServiceToken: 'arn:aws:sqs:us-east-1:000000000000:q' })).rejects.toThrow('Invalid service token.')
    await expect(create({})).rejects.toThrow('The property ServiceToken is required.')
  })

  test('that cannot be reached is tried until its time is over', async () => {
    const endpoints = endpointsAt(() => ({ endpoint: 'http://127.0.0.1:1', region: 'us-east-1' }))
    const ServiceToken = 'arn:aws:lambda:us-east-1:000000000000:function:far'
    const unreached = served.custom(newOperation(), { endpoints })
    await expect(unreached.deploy(declared({ ServiceToken, ServiceTimeout: 1 }), served.context)).rejects.toThrow(
      'CloudFormation did not receive a response from your Custom Resource.',
    )
  })

  test('keeps its service token', async () => {
    const before = {
      ref: 'x',
      type: 'Custom::Thing',
      properties: { ServiceToken: 'arn:aws:lambda:us-east-1:000000000000:function:a' },
    }
    const ServiceToken = 'arn:aws:lambda:us-east-1:000000000000:function:b'
    const changed = served.custom(newOperation()).deploy(declared({ ServiceToken }, before), served.context)
    await expect(changed).rejects.toThrow('Modifying service token is not allowed.')
  })

  test('says which attribute it does not have', async () => {
    const ServiceToken = await served.makeFunction('attributes', node(TOLD))
    const { anyAttribute } = await create({ ServiceToken })
    expect(() => anyAttribute?.('Missing')).toThrow(
      `CustomResource attribute error: Vendor response doesn't contain Missing attribute in object ${STACK_ID}|Thing|`,
    )
    expect(missingAttributeText(taskOf('o'), 'r', 'X')).toMatch(
      /\|r in S3 bucket cloudformation-custom-resource-storage-useast1$/,
    )
  })
})

test('a custom resource backed by a topic is asked by a message', async () => {
  const query = async (service: typeof SERVICES.sns, action: string, input: JsonObject): Promise<JsonObject> => {
    const called = await callQuery(served.deps.endpoints, service, action, input)
    if (!called.ok) throw new Error(JSON.stringify(called.error))
    return called.value.body
  }
  const { TopicArn } = await query(SERVICES.sns, 'CreateTopic', { Name: 'requests' })
  const Endpoint = await served.makeFunction(
    'subscriber',
    node(`const { Subject, Message } = event.Records[0].Sns; const asked = JSON.parse(Message)
      await put(asked, { Status: 'SUCCESS', PhysicalResourceId: 'by-topic', Data: { Subject, type: asked.RequestType } })`),
  )
  await query(SERVICES.sns, 'Subscribe', { TopicArn: String(TopicArn), Protocol: 'lambda', Endpoint })
  expect(await create({ ServiceToken: String(TopicArn) })).toMatchObject({
    ref: 'by-topic',
    attributes: { Subject: 'AWS CloudFormation custom resource request', type: 'Create' },
  })
  await expect(create({ ServiceToken: `${TopicArn}-none` })).rejects.toThrow(
    'Topic does not exist (Service: Sns, Status Code: 404',
  )
})
