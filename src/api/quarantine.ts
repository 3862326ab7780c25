/**
 * Executions that cannot go on for a reason of ours, at `/_regente/quarantine`: GET tells them, and POST with
 * `{"executionArn": …}` tries one at once. For operators: AWS has no such operation.
 */
import type { IncomingMessage } from 'node:http'

import { objectOf } from '../base/json-text.ts'

import { type Handler, readBody, sendJson } from '../wire/http.ts'

import type { ExecutionPort } from '../control/execution-port.ts'

const PATH = '/_regente/quarantine'
const BODY_BYTES_MAX = 4_096

/** Undefined where the request is not for it. */
export function createQuarantineMatch(executionPort: Pick<ExecutionPort, 'quarantined' | 'retryQuarantined'>) {
  const list = async () => ({
    quarantined: (await executionPort.quarantined()).map(({ executionArn, reason, since, attempts, retryAt }) => ({
      executionArn,
      reason,
      since: new Date(since).toISOString(),
      attempts,
      nextAttempt: new Date(retryAt).toISOString(),
    })),
  })
  const handle: Handler = async (req, res) => {
    if (req.method === 'GET') return sendJson(res, await list())
    if (req.method !== 'POST') return sendJson(res, { message: 'GET tells, POST tries again.' }, { status: 405 })
    const executionArn = arnOf((await readBody(req, BODY_BYTES_MAX)).toString('utf8'))
    if (executionArn === undefined) return sendJson(res, { message: 'The body must be {"executionArn": "…"}.' }, { status: 400 })
    if (!(await executionPort.retryQuarantined(executionArn)))
      return sendJson(res, { message: `${executionArn} does not stand in quarantine.` }, { status: 404 })
    return sendJson(res, await list())
  }
  return (req: IncomingMessage): Handler | undefined => (req.url === PATH ? handle : undefined)
}

function arnOf(text: string): string | undefined {
  const executionArn = objectOf(text)?.['executionArn']
  return typeof executionArn === 'string' ? executionArn : undefined
}
