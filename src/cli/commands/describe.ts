/** `regente describe ARN|MACHINE`: all that the API tells of a machine, an execution, a Map Run, an activity, an alias. */
import { isAliasArn, parseStatesArn } from '../../base/arn.ts'

import { CliError, EXIT } from '../cli-error.ts'
import { machineArnOf } from '../machine-names.ts'
import { membersOf, printJson, withDates } from '../output.ts'
import type { StatesApi } from '../states-api.ts'
import { apiAt, type ServerTarget } from '../target.ts'

export interface DescribeFlags extends ServerTarget {
  readonly json?: boolean
}

export async function describe(given: string, { json, ...target }: DescribeFlags): Promise<number> {
  const api = apiAt(target, given)
  const [action, input] = await question(api, given)
  const answer = Object(withDates(await api.call(action, input)))
  if (json === true) printJson(answer)
  else process.stdout.write(`${membersOf(answer).join('\n')}\n`)
  return EXIT.ok
}

async function question(api: StatesApi, given: string): Promise<[action: string, input: Record<string, string>]> {
  switch (parseStatesArn(given)?.kind) {
    case 'execution':
    case 'express':
      return ['DescribeExecution', { executionArn: given }]
    case 'mapRun':
      return ['DescribeMapRun', { mapRunArn: given }]
    case 'activity':
      return ['DescribeActivity', { activityArn: given }]
    case 'stateMachine':
      return isAliasArn(given)
        ? ['DescribeStateMachineAlias', { stateMachineAliasArn: given }]
        : ['DescribeStateMachine', { stateMachineArn: given }]
    case undefined:
      if (given.startsWith('arn:'))
        throw new CliError(`${given} is no ARN of a state machine, an alias, an execution, a Map Run or an activity.`)
      return ['DescribeStateMachine', { stateMachineArn: await machineArnOf(api, given) }]
  }
}
