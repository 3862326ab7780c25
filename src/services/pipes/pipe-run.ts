/**
 * One pipe at work: what its queue brings is filtered, enriched, and handed to its target.
 *
 * 1. A message is deleted when the target has taken it, or no filter wants it. What failed comes back by its visibility timeout.
 * 2. Functions and machines are given a batch at once, as a list; queues, topics and buses an event at a time.
 * 3. An execution is named after the messages that it is started for: the same batch starts it once.
 * Source: EventBridge user guide, "Amazon EventBridge Pipes concepts", "Batching and concurrency".
 */
import { createHash } from 'node:crypto'

import { getOwn, isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'
import { jsonOf } from '../../base/json-text.ts'

import { call, callJson } from '../../aws/call.ts'
import type { Endpoints } from '../../aws/endpoints.ts'
import { describeFailure, orThrow } from '../../aws/failure.ts'
import { functionPath, queueUrl } from '../../aws/paths.ts'
import { SERVICES } from '../../aws/services.ts'

import type { SendResult } from '../kit/delivery.ts'
import { QueuePoller } from '../kit/queue-poller.ts'
import { type Message, queueRecord } from '../kit/queue-records.ts'
import type { Senders } from '../kit/senders.ts'
import type { ServiceDeps } from '../kit/service-deps.ts'
import { isWanted } from '../kit/source-filter.ts'

import { fillTemplate, parameterOf, type PipeVariables, textOf } from './input-template.ts'
import { batchOf, filtersOf, memberOf, type Pipe } from './pipe.ts'

export interface PipeRunDeps extends Pick<ServiceDeps, 'clock' | 'log' | 'region' | 'endpoint'> {
  readonly endpoints: Endpoints
  readonly senders: Senders
  /** Of one event. */
  readonly payloadBytesMax: number
}

/** A function may take its time, and an Express execution five minutes. */
const TIMEOUT_MS = 905_000

/** Whoever has called it ends it by `close`. */
export function runPipe(pipe: Pipe, deps: PipeRunDeps): QueuePoller {
  const { members, source } = pipe
  const patterns = filtersOf(members)
  const work = new PipeWork(pipe, deps)
  return new QueuePoller({
    ...deps,
    ...batchOf(members),
    queueUrl: queueUrl(deps.endpoint(), source),
    names: { pipe: pipe.name, queue: source, target: pipe.target },
    async take(batch, done) {
      const all = batch.map((message) => ({ message, record: queueRecord(message, source, deps.region) }))
      const { wanted = [], unwanted = [] } = Object.groupBy(all, ({ record }) =>
        isWanted(record, patterns) ? 'wanted' : 'unwanted',
      )
      await done(unwanted.map(({ message }) => message))
      if (wanted.length > 0) await work.carry(wanted, done)
    },
  })
}

interface Item {
  readonly message: Message
  readonly record: JsonObject
}

class PipeWork {
  readonly #pipe: Pipe
  readonly #deps: PipeRunDeps
  readonly #variables: PipeVariables

  constructor(pipe: Pipe, deps: PipeRunDeps) {
    this.#pipe = pipe
    this.#deps = deps
    const enrichment = getOwn(pipe.members, 'Enrichment')
    this.#variables = {
      'aws.pipes.pipe-arn': pipe.arn,
      'aws.pipes.pipe-name': pipe.name,
      'aws.pipes.source-arn': pipe.source,
      'aws.pipes.target-arn': pipe.target,
      'aws.pipes.enrichment-arn': typeof enrichment === 'string' ? enrichment : '',
    }
  }

  /** Rejects where nobody takes them now. */
  async carry(items: readonly Item[], done: (messages: readonly Message[]) => Promise<void>): Promise<void> {
    const enriched = await this.#enrich(items.map(({ record }) => record))
    // A function that failed at them is no reason to stop: they come back.
    if (enriched === undefined) return
    const events = enriched.map((event) => this.#fill(memberOf(this.#pipe.members, 'TargetParameters'), event))
    const { target } = this.#pipe
    const service = target.split(':')[2]
    const messages = items.map(({ message }) => message)
    if (events.length === 0) return done(messages)
    if (service === 'lambda') return done(await this.#toFunction(events, messages))
    if (service === 'states') return done(await this.#toMachine(events, messages))
    // One event may stand for several messages: then they are done with together.
    const isEachOwn = events.length === items.length
    for (const [index, event] of events.entries()) {
      orRefuse(await this.#toReceiver(service, event, enriched[index] ?? null))
      const own = messages[index]
      if (isEachOwn && own) await done([own])
    }
    if (!isEachOwn) await done(messages)
  }

  #fill(parameters: JsonObject, event: Json): Json {
    const template = getOwn(parameters, 'InputTemplate')
    const ingested = new Date(this.#deps.clock.now()).toISOString()
    const variables = { ...this.#variables, 'aws.pipes.event.ingestion-time': ingested }
    return fillTemplate(typeof template === 'string' ? template : undefined, event, variables)
  }

  /** What the enrichment makes of the records; undefined where it failed at them. */
  async #enrich(records: readonly JsonObject[]): Promise<readonly Json[] | undefined> {
    const arn = getOwn(this.#pipe.members, 'Enrichment')
    if (typeof arn !== 'string') return records
    const parameters = memberOf(this.#pipe.members, 'EnrichmentParameters')
    const input = records.map((record) => this.#fill(parameters, record))
    const made = arn.split(':')[2] === 'lambda' ? await this.#callFunction(arn, input) : await this.#runSync(arn, input)
    if (made === undefined) return undefined
    const value = jsonOf(made) ?? made
    if (value === null || value === '') return []
    return isArray(value) ? value : [value]
  }

  /** Its answer; undefined where it failed. Rejects where it cannot be called. */
  async #callFunction(arn: string, events: readonly Json[]): Promise<string | undefined> {
    const request = {
      path: `${functionPath(arn)}/invocations`,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(events),
      timeoutMs: TIMEOUT_MS,
    }
    const { headers, body } = orThrow(await call(this.#deps.endpoints, SERVICES.lambda, request))
    return headers['x-amz-function-error'] === undefined ? body.toString('utf8') : undefined
  }

  /** The output of an Express execution; undefined where it failed. */
  async #runSync(stateMachineArn: string, events: readonly Json[]): Promise<string | undefined> {
    const input = { stateMachineArn, input: JSON.stringify(events) }
    const called = await callJson(this.#deps.endpoints, SERVICES.sfn, 'StartSyncExecution', input, { timeoutMs: TIMEOUT_MS })
    const { body } = orThrow(called)
    return getOwn(body, 'status') === 'SUCCEEDED' ? String(getOwn(body, 'output') ?? 'null') : undefined
  }

  /** The messages that are done with then: none where it failed, but what it reports where it does. */
  async #toFunction(events: readonly Json[], messages: readonly Message[]): Promise<readonly Message[]> {
    const { target } = this.#pipe
    if (this.#invocationType('LambdaFunctionParameters') === 'FIRE_AND_FORGET') {
      orRefuse(await this.#deps.senders.toFunction(target, JSON.stringify(events)))
      return messages
    }
    const answer = await this.#callFunction(target, events)
    return answer === undefined ? [] : withoutFailures(messages, answer)
  }

  async #toMachine(events: readonly Json[], messages: readonly Message[]): Promise<readonly Message[]> {
    const { target } = this.#pipe
    const input = JSON.stringify(events)
    const start = async () => {
      orRefuse(await this.#deps.senders.toMachine(target, nameFor(messages), input))
      return messages
    }
    if (this.#invocationType('StepFunctionStateMachineParameters') === 'FIRE_AND_FORGET') return start()
    const request = { stateMachineArn: target, input }
    const called = await callJson(this.#deps.endpoints, SERVICES.sfn, 'StartSyncExecution', request, { timeoutMs: TIMEOUT_MS })
    // A Standard machine cannot be waited for.
    if (!called.ok && called.error.kind === 'service' && called.error.code === 'StateMachineTypeNotSupported') return start()
    if (!called.ok) throw new Error(describeFailure(called.error))
    const { body } = called.value
    return getOwn(body, 'status') === 'SUCCEEDED' ? withoutFailures(messages, String(getOwn(body, 'output') ?? 'null')) : []
  }

  #invocationType(member: string): Json | undefined {
    return getOwn(memberOf(memberOf(this.#pipe.members, 'TargetParameters'), member), 'InvocationType')
  }

  /** `event` is what is sent, `origin` what its parameters' paths look into. */
  #toReceiver(service: string | undefined, event: Json, origin: Json): Promise<SendResult> {
    const { senders } = this.#deps
    const { target, name, members } = this.#pipe
    const parameters = memberOf(members, 'TargetParameters')
    const text = textOf(event)
    if (service === 'sns') return senders.toTopic(target, text)
    if (service === 'sqs') {
      const queue = memberOf(parameters, 'SqsQueueParameters')
      const members = ['MessageGroupId', 'MessageDeduplicationId'].flatMap((member) => {
        const value = parameterOf(getOwn(queue, member), origin)
        return value === undefined ? [] : [[member, value] as const]
      })
      return senders.toQueue(target, { MessageBody: text, ...Object.fromEntries(members) })
    }
    const bus = memberOf(parameters, 'EventBridgeEventBusParameters')
    const resources = getOwn(bus, 'Resources')
    return senders.toBus(target, {
      Source: parameterOf(getOwn(bus, 'Source'), origin) ?? `Pipe ${name}`,
      DetailType: parameterOf(getOwn(bus, 'DetailType'), origin) ?? 'Event from aws:sqs',
      Detail: text,
      Resources: isArray(resources) ? resources.flatMap((one) => parameterOf(one, origin) ?? []) : [],
    })
  }
}

function orRefuse(result: SendResult): void {
  if (result.kind !== 'delivered') throw new Error(result.reason)
}

/** What an answer reports as failed comes back. */
function withoutFailures(messages: readonly Message[], answer: string): readonly Message[] {
  const value = jsonOf(answer)
  const failures = isObject(value) ? getOwn(value, 'batchItemFailures') : undefined
  if (!isArray(failures)) return messages
  const failed = new Set(failures.map((failure) => (isObject(failure) ? getOwn(failure, 'itemIdentifier') : undefined)))
  return messages.filter((message) => !failed.has(message['MessageId']))
}

/** The same for the same messages. */
function nameFor(messages: readonly Message[]): string {
  const hash = createHash('sha256').update(messages.map((message) => String(message['MessageId'])).join('\n'))
  return hash.digest('hex').slice(0, 36)
}
