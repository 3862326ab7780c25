/** `regente show EXECUTION_ARN`: the timeline of an execution, running or ended. */
import { CliError } from '../cli-error.ts'
import { StatesApi } from '../states-api.ts'
import { defaultEndpoint, targetAt } from '../target.ts'
import { painter } from '../terminal.ts'
import { renderTimeline } from '../timeline.ts'

const COLUMNS_DEFAULT = 100

export async function show(executionArn: string, flags: { readonly endpoint?: string }): Promise<number> {
  const region = /^arn:[^:]+:states:([^:]+):/.exec(executionArn)?.[1]
  if (region === undefined) throw new CliError(`${JSON.stringify(executionArn)} is not the ARN of an execution.`)
  const api = new StatesApi(targetAt(flags.endpoint ?? defaultEndpoint(), region))
  const summary = await api.describe(executionArn)
  const events = await api.history(executionArn)
  const look = { columns: process.stdout.columns ?? COLUMNS_DEFAULT, paint: painter(process.stdout), now: Date.now() }
  process.stdout.write(`${renderTimeline(summary, events, look).join('\n')}\n`)
  return 0
}
