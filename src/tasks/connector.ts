/**
 * The contract between the runtime and the outside world: a task is started, perhaps polled, perhaps cancelled.
 * A connector makes one attempt and never retries: Retry is the state's business, and what happened must be told as it was.
 * That our own store is away is nothing that happened to a task: `OwnOutage` says it, and the runtime asks again.
 * It may be asked to start the same attempt again after a crash; `idempotencyKey` is then the same, and is handed to the
 * service where the service takes one.
 */
import type { IncomingHttpHeaders } from 'node:http'

import type { Failure } from '../base/failure.ts'
import type { Json } from '../base/json.ts'

export interface TaskResource {
  /** `lambda`, `sns`, `sqs`, `dynamodb`, `states`, `events`, `http`, `apigateway`, `aws-sdk` … */
  readonly service: string
  /** `invoke`, `startExecution`; camel case as in the ARN. */
  readonly action: string
  /** For `aws-sdk`: `s3`, `sfn`, `cloudwatchlogs`. */
  readonly sdkService?: string
  readonly pattern: 'request' | 'sync' | 'sync2' | 'waitForTaskToken'
  /** A Task whose Resource is the ARN of a function itself. */
  readonly legacyLambdaArn?: string
}

export interface TaskRequest {
  readonly resource: TaskResource
  /** Parameters or Arguments, evaluated. */
  readonly parameters: Json
  /** The same with its numbers as they were spelled (`base/numeral.ts`), for what is passed on as JSON. */
  readonly spelled?: Json
  /** Stable per execution, state entry and attempt. */
  readonly idempotencyKey: string
  readonly executionArn: string
  readonly stateMachineArn: string
  readonly credentialsRoleArn?: string
  readonly signal: AbortSignal
  /** Told what an HTTP Task sent and got, by those who ask. */
  readonly onExchange?: (exchange: HttpExchange) => void
}

export interface HttpMessage {
  readonly headers: IncomingHttpHeaders
  readonly body: string | undefined
}

export interface HttpSent extends HttpMessage {
  readonly method: string
  readonly url: string
}

export interface HttpExchange {
  readonly request: HttpSent
  /** The request without what its connection added. */
  readonly withoutSecrets: HttpSent
  /** Undefined where nothing answered. */
  readonly response: (HttpMessage & { readonly status: number; readonly statusText: string }) | undefined
}

export type TaskOutcome =
  /** `text` is JSON that only passes through, spelled as the service spelled it. */
  | { readonly kind: 'succeeded'; readonly output: Json | { readonly text: string } }
  /** `phase`: before the service was called, while it ran (when not told), or when a job was to be submitted. */
  | { readonly kind: 'failed'; readonly failure: Failure; readonly phase?: 'start' | 'run' | 'submit' }
  /** `.sync` and `.waitForTaskToken`: the service took the call; for `.sync`, polls follow. */
  | { readonly kind: 'submitted'; readonly output: Json }

export type PollOutcome = TaskOutcome | { readonly kind: 'pending' }

/** Regente itself was called, and could keep nothing just now. What was asked may have been kept or not. */
export class OwnOutage extends Error {
  override readonly name = 'OwnOutage'
}

export interface Connector {
  /** It answers when the work itself is done: whoever does that may have answered by the task's token before. */
  readonly answersWhenDone?: true
  /** Rejects with OwnOutage. */
  start(request: TaskRequest): Promise<TaskOutcome>
  /** Only for `.sync`. `submitted` is the output of `start`. */
  poll?(request: TaskRequest, submitted: Json): Promise<PollOutcome>
  /** Best effort: the state was stopped or timed out while the job ran. */
  cancel?(request: TaskRequest, submitted: Json): Promise<void>
}
