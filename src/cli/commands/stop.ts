/** `regente stop EXECUTION_ARN`: aborts an execution that runs. */
import { EXIT } from '../cli-error.ts'
import { printJson, withDates } from '../output.ts'
import { apiAt, type ServerTarget } from '../target.ts'

export interface StopFlags extends ServerTarget {
  readonly error?: string
  readonly cause?: string
  readonly json?: boolean
}

export async function stop(executionArn: string, { error, cause, json, ...target }: StopFlags): Promise<number> {
  const api = apiAt(target, executionArn)
  const answer = await api.call('StopExecution', {
    executionArn,
    ...(error !== undefined && { error }),
    ...(cause !== undefined && { cause }),
  })
  if (json === true) printJson(Object(withDates(answer)))
  // One that had ended before stays as it ended.
  else process.stdout.write(`${executionArn} is ${(await api.describe(executionArn)).status}.\n`)
  return EXIT.ok
}
