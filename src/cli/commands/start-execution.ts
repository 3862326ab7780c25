/** `regente start-execution MACHINE`: starts one, and with `--wait` follows it to its end as `run` does. */
import { EXIT } from '../cli-error.ts'
import { execute } from '../execution.ts'
import { readInput } from '../input.ts'
import { machineArnOf } from '../machine-names.ts'
import { printJson, withDates } from '../output.ts'
import { textAt } from '../states-api.ts'
import { apiAt, type ServerTarget } from '../target.ts'

export interface StartExecutionFlags extends ServerTarget {
  readonly input: string
  readonly name?: string
  readonly wait?: boolean
  readonly json?: boolean
}

export async function startExecution(machine: string, flags: StartExecutionFlags): Promise<number> {
  const api = apiAt(flags, machine)
  const input = await readInput(flags.input)
  const arn = await machineArnOf(api, machine)
  if (flags.wait === true) {
    const type = textAt(await api.call('DescribeStateMachine', { stateMachineArn: arn }), 'type') ?? 'STANDARD'
    return execute(api, { arn, type }, { input, name: flags.name, json: flags.json === true })
  }
  const answer = await api.call('StartExecution', {
    stateMachineArn: arn,
    input,
    ...(flags.name !== undefined && { name: flags.name }),
  })
  if (flags.json === true) printJson(Object(withDates(answer)))
  else process.stdout.write(`${textAt(answer, 'executionArn') ?? ''}\n`)
  return EXIT.ok
}
