/**
 * `bedrockagentcore:invokeHarness`: runs an agent and answers with its last message, in the shape of Bedrock's Converse. Only
 * text is told; tokens and time are those of all its turns. The agent goes on when the task is stopped.
 * Source: AWS developer guide, "Invoke Amazon Bedrock AgentCore harness with Step Functions".
 */
import { failure } from '../../base/failure.ts'
import { getOwn, isObject, type Json, type JsonObject } from '../../base/json.ts'

import type { Endpoints } from '../../aws/endpoints.ts'

import { attemptId } from '../attempt-id.ts'
import type { Connector } from '../connector.ts'
import { objectOf } from '../parameters.ts'
import { callSdkClient } from '../sdk/client-call.ts'

/** Whatever TimeoutSeconds says. */
const TIMEOUT_MS = 900_000

export function createHarnessConnector(endpoints: Endpoints): Connector {
  return {
    async start({ resource, parameters, idempotencyKey, signal }) {
      const limit = AbortSignal.timeout(TIMEOUT_MS)
      const input = { RuntimeSessionId: attemptId(idempotencyKey), ...objectOf(parameters) }
      const either = AbortSignal.any([signal, limit])
      const called = await callSdkClient(endpoints, 'bedrockagentcore', resource.action, input, either, readAnswer)
      if (called.ok) return { kind: 'succeeded', output: called.value }
      return { kind: 'failed', failure: limit.aborted ? failure('States.Timeout') : called.error }
    },
  }
}

async function readAnswer(output: unknown): Promise<Json> {
  const stream = typeof output === 'object' && output !== null && 'stream' in output ? output.stream : undefined
  return readConversation(isStream(stream) ? stream : [])
}

const isStream = (value: unknown): value is AsyncIterable<JsonObject> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value

/** The events of an answer, put together. */
export async function readConversation(events: AsyncIterable<JsonObject> | Iterable<JsonObject>): Promise<JsonObject> {
  let texts = new Map<number, string>()
  let stopReason: Json = null
  const usage = { InputTokens: 0, OutputTokens: 0, TotalTokens: 0 }
  let latencyMs = 0
  for await (const { messageStart, contentBlockDelta, messageStop, metadata } of events) {
    if (isObject(messageStart) && getOwn(messageStart, 'role') === 'assistant') texts = new Map()
    if (isObject(contentBlockDelta)) {
      const text = memberOf(getOwn(contentBlockDelta, 'delta'), 'text')
      const index = countIn(getOwn(contentBlockDelta, 'contentBlockIndex'))
      if (typeof text === 'string') texts.set(index, (texts.get(index) ?? '') + text)
    }
    if (isObject(messageStop)) stopReason = getOwn(messageStop, 'stopReason') ?? null
    if (!isObject(metadata)) continue
    const used = getOwn(metadata, 'usage')
    usage.InputTokens += countIn(memberOf(used, 'inputTokens'))
    usage.OutputTokens += countIn(memberOf(used, 'outputTokens'))
    usage.TotalTokens += countIn(memberOf(used, 'totalTokens'))
    latencyMs += countIn(memberOf(getOwn(metadata, 'metrics'), 'latencyMs'))
  }
  const content = [...texts].sort(([a], [b]) => a - b).map(([, Text]) => ({ Text }))
  return {
    Metrics: { LatencyMs: latencyMs },
    Output: { Message: { Content: content, Role: 'assistant' } },
    StopReason: stopReason,
    Usage: usage,
  }
}

const memberOf = (value: Json | undefined, name: string): Json | undefined =>
  isObject(value ?? null) ? getOwn(objectOf(value ?? null), name) : undefined
const countIn = (value: Json | undefined): number => (typeof value === 'number' ? value : 0)
