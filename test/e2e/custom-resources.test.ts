/** A stack with custom resources and a wait condition, whose functions answer while the server is killed and comes back. */
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'

import { until } from './bad-hour.ts'
import { ACCOUNT, makeDataDirectory, removeDataDirectory, type RunningServer, startServer } from './server.ts'

/** Answers after a while, with an id that follows from its property `Value`. */
const SLOW = `
const response = require('cfn-response')
exports.handler = (event, context) => {
  const { Value, Ms } = event.ResourceProperties
  const answer = () => response.send(event, context, response.SUCCESS, { Got: Value }, 'thing-' + Value)
  setTimeout(answer, event.RequestType === 'Delete' ? 0 : Number(Ms))
}`
const SIGNALLER = `
import cfnresponse, json, urllib.request
def handler(event, context):
    if event["RequestType"] == "Create":
        signal = json.dumps({"Status": "SUCCESS", "UniqueId": "id", "Reason": "done", "Data": "told"}).encode()
        urllib.request.urlopen(urllib.request.Request(event["ResourceProperties"]["Url"], signal, {"content-type": ""}, method="PUT"))
    cfnresponse.send(event, context, cfnresponse.SUCCESS, {}, "signaller")
`
const functionOf = (Runtime: string, ZipFile: string) => ({
  Type: 'AWS::Lambda::Function',
  Properties: { Runtime, Handler: 'index.handler', Role: `arn:aws:iam::${ACCOUNT}:role/x`, Timeout: 60, Code: { ZipFile } },
})
const arnOf = (name: string) => ({ 'Fn::GetAtt': [name, 'Arn'] })
const TEMPLATE = JSON.stringify({
  Parameters: { Value: { Type: 'String' } },
  Resources: {
    Slow: functionOf('nodejs22.x', SLOW),
    Thing: { Type: 'Custom::Thing', Properties: { ServiceToken: arnOf('Slow'), Value: { Ref: 'Value' }, Ms: 3000 } },
    Signal: functionOf('python3.12', SIGNALLER),
    Handle: { Type: 'AWS::CloudFormation::WaitConditionHandle' },
    Signaller: { Type: 'Custom::Signaller', Properties: { ServiceToken: arnOf('Signal'), Url: { Ref: 'Handle' } } },
    Wait: { Type: 'AWS::CloudFormation::WaitCondition', Properties: { Handle: { Ref: 'Handle' }, Timeout: 60 } },
  },
  Outputs: {
    Got: { Value: { 'Fn::GetAtt': ['Thing', 'Got'] } },
    Data: { Value: { 'Fn::GetAtt': ['Wait', 'Data'] } },
  },
})

async function ask(url: string, Action: string, parameters: Record<string, string> = {}): Promise<string> {
  const body = new URLSearchParams({ Action, Version: '2010-05-15', StackName: 'shop', ...parameters })
  const headers = { authorization: 'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/cloudformation/aws4_request' }
  return (await fetch(url, { method: 'POST', headers, body })).text()
}
/** The answer is held until the operation is over; whoever dies meanwhile never gives it. */
const begin = (url: string, Action: string, parameters: Record<string, string>): void =>
  void ask(url, Action, parameters).catch(() => {})
const withValue = (value: string) => ({
  TemplateBody: TEMPLATE,
  'Parameters.member.1.ParameterKey': 'Value',
  'Parameters.member.1.ParameterValue': value,
})
const settled = (url: string) =>
  until(
    () => ask(url, 'DescribeStacks'),
    (text) => !text.includes('_IN_PROGRESS</StackStatus>'),
  )
const isAsked = (url: string, status: string) =>
  until(
    () => ask(url, 'DescribeStackResource', { LogicalResourceId: 'Thing' }),
    (text) => text.includes(`<ResourceStatus>${status}</ResourceStatus>`),
  )

/** What is killed and started again, and what is asked. */
interface Stage {
  readonly url: () => string
  bounce(how: 'kill' | 'stop'): Promise<void>
}

const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

async function inFolder(start: (folder: string, port: number) => Promise<RunningServer>) {
  const folder = await makeDataDirectory()
  let server = await start(folder, 0)
  ends.push(
    () => removeDataDirectory(folder),
    () => server.stop(),
  )
  const port = Number(new URL(server.url).port)
  return {
    folder,
    url: () => server.url,
    async bounce(how: 'kill' | 'stop') {
      await server[how]()
      server = await start(folder, port)
    },
  }
}

const together = (): Promise<Stage> => inFolder((folder, port) => startServer(folder, [], port))

async function apart(): Promise<Stage> {
  const services = await inFolder((folder, port) => startServer(folder, [], port, { command: 'services' }))
  const flags = ['--services-url', services.url(), '--services-key', join(services.folder, 'services.key')]
  const { url } = await inFolder((folder, port) => startServer(folder, flags, port))
  return { url, bounce: services.bounce }
}

describe.each([
  ['in one process', together],
  ['with the services in a process of their own', apart],
])('%s', (_, set) => {
  test('custom resources are made, replaced and removed, though what asks them is killed and stopped', async () => {
    const { url, bounce } = await set()
    begin(url(), 'CreateStack', withValue('one'))
    await isAsked(url(), 'CREATE_IN_PROGRESS')
    await bounce('kill')
    const made = await settled(url())
    expect(made).toContain('<StackStatus>CREATE_COMPLETE</StackStatus>')
    expect(made).toContain('<OutputValue>one</OutputValue>')
    expect(made).toMatch(/<OutputValue>\{(?:"|&quot;)id(?:"|&quot;):(?:"|&quot;)told(?:"|&quot;)\}<\/OutputValue>/)

    begin(url(), 'UpdateStack', withValue('two'))
    await isAsked(url(), 'UPDATE_IN_PROGRESS')
    await bounce('stop')
    const changed = await settled(url())
    expect(changed).toContain('<StackStatus>UPDATE_COMPLETE</StackStatus>')
    expect(changed).toContain('<OutputValue>two</OutputValue>')
    expect(await ask(url(), 'DescribeStackResource', { LogicalResourceId: 'Thing' })).toContain(
      '<PhysicalResourceId>thing-two</PhysicalResourceId>',
    )

    await ask(url(), 'DeleteStack')
    expect(await settled(url())).toContain('Stack with id shop does not exist')
  }, 120_000)
})
