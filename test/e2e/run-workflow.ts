/** One execution of a Standard machine from its start to its end. */
import { setTimeout } from 'node:timers/promises'

import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn'

import { credentials, REGION } from './server.ts'

const PAUSE_MS = 50

/** Resolves to the output; rejects with the error of an execution that did not succeed. */
export async function runWorkflow(endpoint: string, stateMachineArn: string | undefined, input: unknown): Promise<unknown> {
  const client = new SFNClient({ endpoint, region: REGION, credentials })
  try {
    const { executionArn } = await client.send(new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input) }))
    for (;;) {
      const { status, output, error, cause } = await client.send(new DescribeExecutionCommand({ executionArn }))
      if (status === 'SUCCEEDED') return JSON.parse(output ?? 'null')
      if (status !== 'RUNNING') throw new Error(`${status}: ${error} ${cause}`)
      await setTimeout(PAUSE_MS)
    }
  } finally {
    client.destroy()
  }
}
