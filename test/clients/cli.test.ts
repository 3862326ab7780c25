/** The AWS CLI, unmodified, over the common operations. */
import { expect, test } from 'vitest'

import { aws, describeWithAwsCli } from '../e2e/tools.ts'
import { useServer } from '../e2e/use-server.ts'

const ROLE = 'arn:aws:iam::000000000000:role/test'
const PASS = JSON.stringify({ StartAt: 'P', States: { P: { Type: 'Pass', End: true } } })

const server = useServer()

const sfn = (...args: readonly string[]) => aws(server.url, 'stepfunctions', ...args) as Promise<Record<string, unknown>>

describeWithAwsCli('the AWS CLI', () => {
  test('makes a machine, starts it, and reads what came of it', async () => {
    const { stateMachineArn } = await sfn('create-state-machine', '--name', 'm', '--definition', PASS, '--role-arn', ROLE)
    const { executionArn } = await sfn('start-execution', '--state-machine-arn', String(stateMachineArn), '--input', '{"a":1}')
    let execution: Record<string, unknown> = {}
    for (let tries = 0; tries < 20 && execution['status'] !== 'SUCCEEDED'; tries++)
      execution = await sfn('describe-execution', '--execution-arn', String(executionArn))
    expect(execution).toMatchObject({ status: 'SUCCEEDED', output: '{"a":1}' })
    const { events } = await sfn('get-execution-history', '--execution-arn', String(executionArn))
    expect((events as { type: string }[]).map(({ type }) => type)).toContain('PassStateExited')
    const { stateMachines } = await sfn('list-state-machines')
    expect(stateMachines).toMatchObject([{ name: 'm' }])
    const { executions } = await sfn('list-executions', '--state-machine-arn', String(stateMachineArn))
    expect(executions).toMatchObject([{ executionArn, status: 'SUCCEEDED' }])
  }, 60_000)

  test('tells errors by their names', async () => {
    const missing = 'arn:aws:states:us-east-1:000000000000:stateMachine:none'
    await expect(sfn('start-execution', '--state-machine-arn', missing)).rejects.toThrow('StateMachineDoesNotExist')
    await expect(sfn('create-state-machine', '--name', 'bad', '--definition', '{}', '--role-arn', ROLE)).rejects.toThrow(
      "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: These fields are required: [States, StartAt] at /'",
    )
  }, 60_000)
})
