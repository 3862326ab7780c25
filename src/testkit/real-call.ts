/** `mock.real()`: a task's call goes to the service itself, by the connectors that a server has, in real time. */
import type { Failure } from '../base/failure.ts'
import { isObject, type Json } from '../base/json.ts'
import { systemEntropy } from '../base/random.ts'

import { createEndpoints, type Endpoints, endpointsAt } from '../aws/endpoints.ts'
import type { PollOutcome, TaskRequest } from '../tasks/connector.ts'
import { createConnectors } from '../tasks/registry.ts'

import type { RealPlace } from './mock.ts'
import { TestKitError } from './kit-error.ts'

type Called =
  | { readonly kind: 'succeeded'; readonly result: Json }
  | { readonly kind: 'failed'; readonly failure: Failure }
  | { readonly kind: 'callback' }

const FIRST_POLL_MS = 30
const SLOWEST_POLL_MS = 5_000
/** Tests have the same ids each time; services remember what they were asked before. */
const TEST = systemEntropy.uuid()

/** A job is waited for; a task that somebody answers by its token stays open. Rejects with TestKitError where the service is none. */
export async function callReal(place: RealPlace, asked: TaskRequest): Promise<Called> {
  const request = { ...asked, idempotencyKey: `${TEST}#${asked.idempotencyKey}` }
  const connector = createConnectors(endpointsOf(place)).connectorFor(request.resource)
  if (!connector) throw new TestKitError(`mock.real() knows no service ${request.resource.service}.`)
  const started = await connector.start(request)
  if (started.kind !== 'submitted') return calledOf(started)
  if (request.resource.pattern === 'waitForTaskToken' || !connector.poll) return { kind: 'callback' }
  for (let pauseMs = FIRST_POLL_MS; ; pauseMs = Math.min(pauseMs * 1.5, SLOWEST_POLL_MS)) {
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
    const outcome = await connector.poll(request, started.output)
    if (outcome.kind !== 'pending' && outcome.kind !== 'submitted') return calledOf(outcome)
    if (request.signal.aborted) {
      await connector.cancel?.(request, started.output)
      return { kind: 'callback' }
    }
  }
}

function endpointsOf({ endpoint = process.env['REGENTE_ENDPOINT'] || undefined, region, credentials }: RealPlace): Endpoints {
  const { env } = process
  const where = region ?? env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'] ?? 'us-east-1'
  if (endpoint !== undefined) return endpointsAt(() => ({ endpoint, region: where, credentials }))
  return createEndpoints({
    ownUrl: () => `https://states.${where}.amazonaws.com`,
    region: where,
    env,
    others: 'aws',
    ...(credentials && { awsCredentials: credentials }),
  })
}

function calledOf(outcome: Exclude<PollOutcome, { kind: 'pending' | 'submitted' }>): Called {
  if (outcome.kind === 'failed') return { kind: 'failed', failure: outcome.failure }
  return { kind: 'succeeded', result: readOutput(outcome.output) }
}

/** Text that only passes through is read here: the test sees values. */
function readOutput(output: Json | { readonly text: string }): Json {
  const isText = isObject(output) && Object.keys(output).length === 1 && typeof output['text'] === 'string'
  return isText ? (JSON.parse(String(output['text'])) as Json) : output
}
