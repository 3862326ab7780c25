/** The embedded EventBridge by the AWS CLI: executions tell the bus what becomes of them; a schedule starts a workflow. */
import { expect, test } from 'vitest'

import { ACCOUNT, REGION } from './server.ts'
import { aws, describeWithAwsCli } from './tools.ts'
import { useServer } from './use-server.ts'

const ROLE = `arn:aws:iam::${ACCOUNT}:role/test`
const PASS = JSON.stringify({ StartAt: 'P', States: { P: { Type: 'Pass', End: true } } })

const server = useServer()

const call = (...args: readonly string[]) => aws(server.url, ...args) as Promise<Record<string, string>>

describeWithAwsCli('EventBridge', () => {
  test('hands the end of an execution to a queue, as its rule says', async () => {
    const { QueueUrl = '' } = await call('sqs', 'create-queue', '--queue-name', 'ends')
    const { stateMachineArn = '' } = await call(
      'stepfunctions',
      'create-state-machine',
      '--name',
      'm',
      '--definition',
      PASS,
      '--role-arn',
      ROLE,
    )
    const pattern = { source: ['aws.states'], detail: { status: ['SUCCEEDED'], stateMachineArn: [stateMachineArn] } }
    await call('events', 'put-rule', '--name', 'ended', '--event-pattern', JSON.stringify(pattern))
    const target = [{ Id: 'q', Arn: `arn:aws:sqs:${REGION}:${ACCOUNT}:ends` }]
    await call('events', 'put-targets', '--rule', 'ended', '--targets', JSON.stringify(target))
    const { executionArn } = await call(
      'stepfunctions',
      'start-execution',
      '--state-machine-arn',
      stateMachineArn,
      '--input',
      '{"n":1}',
    )
    const answer = (await aws(server.url, 'sqs', 'receive-message', '--queue-url', QueueUrl, '--wait-time-seconds', '20')) as {
      Messages?: { Body: string }[]
    }
    expect(JSON.parse(answer.Messages?.[0]?.Body ?? '{}')).toMatchObject({
      'detail-type': 'Step Functions Execution Status Change',
      source: 'aws.states',
      resources: [executionArn],
      detail: { executionArn, stateMachineArn, status: 'SUCCEEDED', input: '{"n":1}', output: '{"n":1}' },
    })
  }, 60_000)

  test('starts a workflow when its schedule is due', async () => {
    const { stateMachineArn = '' } = await call(
      'stepfunctions',
      'create-state-machine',
      '--name',
      'timed',
      '--definition',
      PASS,
      '--role-arn',
      ROLE,
    )
    const at = new Date(Date.now() + 2_000).toISOString().slice(0, 19)
    const target = { Arn: stateMachineArn, RoleArn: ROLE, Input: '{"by":"schedule"}' }
    await call(
      'scheduler',
      'create-schedule',
      '--name',
      's',
      '--schedule-expression',
      `at(${at})`,
      '--flexible-time-window',
      '{"Mode":"OFF"}',
      '--target',
      JSON.stringify(target),
    )
    let executions: unknown[] = []
    for (let tries = 0; tries < 20 && executions.length === 0; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 500))
      const listed = (await aws(server.url, 'stepfunctions', 'list-executions', '--state-machine-arn', stateMachineArn)) as {
        executions: unknown[]
      }
      executions = listed.executions
    }
    expect(executions).toHaveLength(1)
  }, 60_000)
})
