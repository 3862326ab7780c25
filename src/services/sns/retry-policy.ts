/**
 * How long SNS waits before it tries a delivery again.
 * Source: Amazon SNS developer guide, "Amazon SNS message delivery retries" (the table of phases) and "Delivery policy".
 */
import { getOwn, isObject, type Json, type JsonObject } from '../../base/json.ts'
import { objectOf } from '../../base/json-text.ts'

/** Queues and functions: 100,015 attempts over 23 days. Three at once, two a second apart, ten growing to 20 s, the rest at 20 s. */
export function pauseForAws(attempts: number): number | undefined {
  if (attempts < 3) return 50
  if (attempts < 5) return 1_000
  if (attempts < 15) return Math.min(20_000, 1_000 * 2 ** (attempts - 5))
  return attempts < 100_015 ? 20_000 : undefined
}

/** Mail: 50 attempts over about six hours. */
export function pauseForMail(attempts: number): number | undefined {
  if (attempts < 2) return 10_000
  return attempts < 50 ? Math.min(600_000, 10_000 * 2 ** (attempts - 2)) : undefined
}

interface RetryPolicy {
  readonly numRetries: number
  readonly minDelayTarget: number
  readonly maxDelayTarget: number
  readonly numNoDelayRetries: number
  readonly numMinDelayRetries: number
  readonly numMaxDelayRetries: number
}

const DEFAULT_POLICY: RetryPolicy = {
  numRetries: 3,
  minDelayTarget: 20,
  maxDelayTarget: 20,
  numNoDelayRetries: 0,
  numMinDelayRetries: 0,
  numMaxDelayRetries: 0,
}

/** HTTP endpoints: `healthyRetryPolicy` of the subscription's DeliveryPolicy, or of the topic's `http.defaultHealthyRetryPolicy`. */
export function pauseForHttp(
  attempts: number,
  subscriptionPolicy: string | undefined,
  topicPolicy: string | undefined,
): number | undefined {
  const policy =
    readPolicy(subscriptionPolicy, ['healthyRetryPolicy']) ?? readPolicy(topicPolicy, ['http', 'defaultHealthyRetryPolicy'])
  const p = policy ?? DEFAULT_POLICY
  if (attempts >= p.numRetries) return undefined
  if (attempts < p.numNoDelayRetries) return 0
  const afterStart = attempts - p.numNoDelayRetries
  if (afterStart < p.numMinDelayRetries) return p.minDelayTarget * 1000
  if (attempts >= p.numRetries - p.numMaxDelayRetries) return p.maxDelayTarget * 1000
  const steps = Math.max(1, p.numRetries - p.numNoDelayRetries - p.numMinDelayRetries - p.numMaxDelayRetries)
  const share = Math.min(1, (afterStart - p.numMinDelayRetries) / steps)
  return (p.minDelayTarget + (p.maxDelayTarget - p.minDelayTarget) * share) * 1000
}

function readPolicy(text: string | undefined, path: readonly string[]): RetryPolicy | undefined {
  let node: Json | undefined = objectOf(text ?? '')
  for (const key of path) node = isObject(node) ? getOwn(node, key) : undefined
  return isObject(node) ? withDefaults(node) : undefined
}

function withDefaults(given: JsonObject): RetryPolicy {
  const number = (name: keyof RetryPolicy, max: number) => {
    const value = getOwn(given, name)
    return typeof value === 'number' && value >= 0 ? Math.min(value, max) : DEFAULT_POLICY[name]
  }
  return {
    numRetries: number('numRetries', 100),
    minDelayTarget: number('minDelayTarget', 3_600),
    maxDelayTarget: number('maxDelayTarget', 3_600),
    numNoDelayRetries: number('numNoDelayRetries', 100),
    numMinDelayRetries: number('numMinDelayRetries', 100),
    numMaxDelayRetries: number('numMaxDelayRetries', 100),
  }
}
