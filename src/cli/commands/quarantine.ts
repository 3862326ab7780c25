/** `regente quarantine`: executions that cannot go on for a reason of the server's, and why; `--retry ARN` tries one again. */
import { isObject } from '../../base/json.ts'

import { CliError, EXIT } from '../cli-error.ts'
import { reasonOf } from '../definition-file.ts'
import { printJson } from '../output.ts'
import { defaultEndpoint } from '../target.ts'
import { printable } from '../terminal.ts'

export interface QuarantineFlags {
  readonly endpoint?: string
  readonly retry?: string
  readonly json?: boolean
}

/** 0 when nothing stands aside. */
export async function quarantine({ endpoint = defaultEndpoint(), retry, json }: QuarantineFlags): Promise<number> {
  const answer = await ask(
    new URL('/_regente/quarantine', endpoint),
    retry === undefined
      ? {}
      : {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ executionArn: retry }),
        },
  )
  const entries = isObject(answer) && Array.isArray(answer['quarantined']) ? answer['quarantined'] : []
  if (json === true) {
    printJson({ quarantined: entries })
    return entries.length === 0 ? EXIT.ok : EXIT.failed
  }
  if (entries.length === 0) process.stdout.write('Nothing stands in quarantine.\n')
  for (const entry of entries) {
    if (!isObject(entry)) continue
    const { executionArn, reason, since, attempts, nextAttempt } = entry
    process.stdout.write(
      `${printable(String(executionArn))}\n  ${printable(String(reason))}\n  since ${since}, ${attempts} attempts, next ${nextAttempt}\n`,
    )
  }
  return entries.length === 0 ? EXIT.ok : EXIT.failed
}

async function ask(url: URL, init: RequestInit): Promise<unknown> {
  const response = await fetch(url, init).catch((error: unknown) => {
    throw new CliError(`No server answers at ${url.origin}: ${reasonOf(error)}`, EXIT.failed)
  })
  const answer: unknown = await response.json()
  if (response.ok) return answer
  throw new CliError(isObject(answer) && typeof answer['message'] === 'string' ? answer['message'] : `HTTP ${response.status}`)
}
