/** One call of TestState, and what it tells, read. */
import { getOwn, type Json, type JsonObject } from '../../base/json.ts'

import { WireError } from '../../wire/errors.ts'

import { TestKitError } from '../kit-error.ts'
import { objectAt, parsedAt, type StatesClient, textAt } from './states-client.ts'

export type MockedAnswer =
  | { readonly kind: 'succeeded'; readonly result: Json }
  | { readonly kind: 'failed'; readonly error?: string | undefined; readonly cause?: string | undefined }

export interface TestAsked {
  /** With `stateName`: a machine that has it; else a state. */
  readonly definition: JsonObject
  readonly stateName?: string
  readonly input: Json
  readonly variables: JsonObject
  readonly mock?: MockedAnswer | undefined
  readonly validation?: string
  readonly retries?: number
  readonly context?: JsonObject | undefined
  readonly roleArn?: string | undefined
}

export interface TestedState {
  readonly status: 'SUCCEEDED' | 'FAILED' | 'RETRIABLE' | 'CAUGHT_ERROR'
  readonly output: Json | undefined
  readonly next: string | undefined
  readonly error: string
  readonly cause: string
  readonly retrier: number | undefined
  readonly inspection: JsonObject
}

/** Rejects with TestKitError where the endpoint refuses the test. */
export async function testState(states: StatesClient, asked: TestAsked): Promise<TestedState> {
  const { definition, stateName, input, variables, mock, validation = 'NONE', retries = 0, context, roleArn } = asked
  const answer = await told(
    states.call('TestState', {
      definition: JSON.stringify(definition),
      input: JSON.stringify(input),
      inspectionLevel: 'DEBUG',
      ...(stateName !== undefined && { stateName }),
      ...(Object.keys(variables).length > 0 && { variables: JSON.stringify(variables) }),
      ...(mock && { mock: mockOf(mock, validation) }),
      ...(mock && retries > 0 && { stateConfiguration: { retrierRetryCount: retries } }),
      ...(context && { context: JSON.stringify(context) }),
      ...(roleArn !== undefined && { roleArn }),
    }),
    stateName,
  )
  const inspection = objectAt(answer, 'inspectionData')
  const retrier = getOwn(objectAt(inspection, 'errorDetails'), 'retryIndex')
  return {
    status: statusOf(textAt(answer, 'status')),
    output: parsedAt(answer, 'output'),
    next: textAt(answer, 'nextState'),
    error: textAt(answer, 'error') ?? '',
    cause: textAt(answer, 'cause') ?? '',
    retrier: typeof retrier === 'number' ? retrier : undefined,
    inspection,
  }
}

const mockOf = (mock: MockedAnswer, fieldValidationMode: string): JsonObject =>
  mock.kind === 'succeeded'
    ? { result: JSON.stringify(mock.result), fieldValidationMode }
    : {
        errorOutput: {
          ...(mock.error !== undefined && { error: mock.error }),
          ...(mock.cause !== undefined && { cause: mock.cause }),
        },
        fieldValidationMode,
      }

async function told(answering: Promise<JsonObject>, stateName = 'A state'): Promise<JsonObject> {
  try {
    return await answering
  } catch (error) {
    if (!(error instanceof WireError)) throw error
    throw new TestKitError(`${stateName} cannot be tried by TestState (${error.code}): ${error.message}`)
  }
}

const STATUSES = ['SUCCEEDED', 'FAILED', 'RETRIABLE', 'CAUGHT_ERROR'] as const

function statusOf(text = ''): TestedState['status'] {
  const found = STATUSES.find((one) => one === text)
  if (found) return found
  throw new Error(`TestState has told a status that is none: ${text}`)
}
