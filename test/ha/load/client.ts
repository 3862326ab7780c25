/**
 * A caller as they are: the AWS SDK with the retries that it has by itself. What even those do not get through is tried again by
 * hand until it is acknowledged or refused, and is written down.
 */
import { SFN } from '@aws-sdk/client-sfn'

import { sleep } from '../bed/workspace.ts'
import { REGION } from './workflows.ts'

/** What the caller knows in the end. */
export type Answer<T> =
  | { readonly kind: 'ok'; readonly value: T }
  /** `wasAskedBefore`: an earlier call, of the SDK or by hand, was not answered; it may have been heard. */
  | { readonly kind: 'refused'; readonly code: string; readonly message: string; readonly wasAskedBefore: boolean }

/** A call that failed past the SDK's retries. */
export interface GivenUp {
  readonly what: string
  readonly from: number
  readonly at: number
  readonly error: string
}

/** A node that is asked and does not answer is given up after this time. */
const ANSWER_MS = 20_000
/** Past all that a fault is given to end: what is not answered then is broken, and whoever waits on says nothing. */
const PATIENCE_MS = 180_000
/** GetActivityTask waits for a minute. */
const POLL_MS = 75_000

const settings = (endpoint: string, requestTimeout: number) => ({
  endpoint,
  region: REGION,
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  disableHostPrefix: true,
  requestHandler: {
    connectionTimeout: 2_000,
    requestTimeout,
    throwOnRequestTimeout: true,
    httpAgent: { keepAlive: true, maxSockets: 500 },
  },
})

export class Client {
  readonly sfn: SFN
  /** Waits long. */
  readonly poller: SFN
  readonly givenUp: GivenUp[] = []
  #isClosed = false

  constructor(url: string) {
    this.sfn = new SFN(settings(url, ANSWER_MS))
    this.poller = new SFN(settings(url, POLL_MS))
  }

  /** Tries until it is acknowledged or refused, whatever is down. Rejects after some minutes, and when the client is closed. */
  async insist<T>(what: string, call: (sfn: SFN) => Promise<T>): Promise<Answer<T>> {
    const begun = Date.now()
    for (let tries = 1; ; tries++) {
      const from = Date.now()
      try {
        return { kind: 'ok', value: await call(this.sfn) }
      } catch (error) {
        if (isRefusal(error)) {
          const wasAskedBefore = tries > 1 || (error.$metadata.attempts ?? 1) > 1
          return { kind: 'refused', code: error.name, message: error.message, wasAskedBefore }
        }
        if (this.#isClosed || Date.now() - begun > PATIENCE_MS) throw new Error(`${what}: ${String(error)}`, { cause: error })
        this.givenUp.push({ what, from, at: Date.now(), error: String(error) })
        await sleep(500)
      }
    }
  }

  close(): void {
    this.#isClosed = true
    this.sfn.destroy()
    this.poller.destroy()
  }
}

export interface Refusal extends Error {
  readonly $metadata: { readonly attempts?: number }
}

/** The service has understood, and says no. Anything else may be different the next time. */
export function isRefusal(error: unknown): error is Refusal {
  if (!(error instanceof Error) || !('$metadata' in error) || !('$fault' in error)) return false
  const { $metadata, $fault, $retryable } = error as Error & {
    readonly $metadata: { readonly httpStatusCode?: number }
    readonly $fault: string
    readonly $retryable?: object
  }
  const status = $metadata.httpStatusCode ?? 0
  return $fault === 'client' && status >= 400 && status < 500 && status !== 429 && $retryable === undefined
}
