/**
 * Every limit that depends on the profile, in one table. `AWS_LIMITS` are the service's own, each with its source; a
 * workflow that keeps them here keeps them there. `NO_LIMITS` (`--limits off`) lifts them for workflows that stay: what is
 * left are guards of this process's memory, which no limit of AWS comes near.
 * What protects the others and not AWS (the work of one state, `expr/work.ts`) is the same in both.
 * Sources: developer guide, "Step Functions service quotas"; API reference of each service, its constraints.
 */
export interface Limits {
  /** Input or output of a state, task or execution, in bytes of UTF-8. */
  readonly payloadBytesMax: number
  /** Said behind AWS's sentence where a payload is larger: which guard it met. */
  readonly payloadNote: string
  /** The variables that one Assign sets, and so each of them, in bytes of UTF-8. */
  readonly assignBytesMax: number
  /** All variables of an execution. */
  readonly variablesBytesMax: number
  /** Characters of an error's name and of a cause; more are cut off. */
  readonly errorCharsMax: number
  readonly causeCharsMax: number
  /** The event that would be this one ends the execution instead. */
  readonly historyEventsMax: number
  /** Iterations of an inline Map that run at a time. */
  readonly inlineConcurrencyMax: number
  /** Express executions end then. */
  readonly expressSecondsMax: number
  readonly jsonata: JsonataLimits
  readonly api: ApiLimits
  readonly services: ServiceLimits
}

/** Bounds of one JSONata evaluation (AWS's evaluator: measured, floci-io/floci#2737). */
export interface JsonataLimits {
  /** Evaluations within evaluations. */
  readonly depth: number
  /** Of one value: eight an array item, one a character. */
  readonly valueBytes: number
}

/** What Step Functions' own API takes. */
export interface ApiLimits {
  /** A whole request. AWS takes 1 MB; a definition of 1 MB is escaped in one. */
  readonly requestBytesMax: number
  readonly definitionCharsMax: number
  /** Input of an execution as the API's model bounds it, and as the service does: characters and bytes. */
  readonly inputCharsMax: number
  readonly inputBytesMax: number
  /** `SensitiveData`: outputs of tasks, inputs of tests. */
  readonly dataCharsMax: number
}

/** What the embedded services take. */
export interface ServiceLimits {
  readonly lambdaSyncBytesMax: number
  readonly lambdaAsyncBytesMax: number
  readonly lambdaResponseBytesMax: number
  /** A message and a batch of messages of SQS. */
  readonly sqsBytesMax: number
  readonly snsBytesMax: number
  readonly eventEntriesBytesMax: number
}

export const AWS_LIMITS: Limits = {
  payloadBytesMax: 262_144,
  payloadNote: '',
  assignBytesMax: 262_144,
  variablesBytesMax: 10 * 1024 * 1024,
  errorCharsMax: 256,
  causeCharsMax: 32_768,
  historyEventsMax: 25_000,
  inlineConcurrencyMax: 40,
  expressSecondsMax: 300,
  jsonata: { depth: 100, valueBytes: 6_990_256 },
  api: {
    requestBytesMax: 4 * 1024 * 1024,
    definitionCharsMax: 1_048_576,
    inputCharsMax: 1_048_576,
    inputBytesMax: 262_144,
    dataCharsMax: 262_144,
  },
  services: {
    lambdaSyncBytesMax: 6_291_456,
    lambdaAsyncBytesMax: 1_048_576,
    lambdaResponseBytesMax: 6_291_556,
    sqsBytesMax: 1_048_576,
    snsBytesMax: 262_144,
    eventEntriesBytesMax: 1_048_576,
  },
}

/**
 * The largest text that an evaluation may print, in either profile, and the largest payload where AWS's limits are off:
 * what one turn can print, store and read again in some 100 ms. Far below what a string may hold, above all of AWS's limits.
 */
export const PRINTED_BYTES_MAX = 8 * 1024 * 1024

const GUARD = PRINTED_BYTES_MAX
/** A payload inside a request: escaped as a text in JSON it may be twice as long. */
const REQUEST = 2 * GUARD + 65_536

export const NO_LIMITS: Limits = {
  payloadBytesMax: GUARD,
  payloadNote: ` Limits are off, but Regente guards its memory: at most ${GUARD} bytes a payload.`,
  assignBytesMax: GUARD,
  variablesBytesMax: 4 * GUARD,
  errorCharsMax: 32_768,
  causeCharsMax: GUARD,
  historyEventsMax: 1_000_000,
  inlineConcurrencyMax: 10_000,
  // The longest that one timer of the platform can be set to, some 24 days.
  expressSecondsMax: 2_147_483,
  jsonata: { depth: 500, valueBytes: 4 * GUARD },
  api: { requestBytesMax: REQUEST, definitionCharsMax: GUARD, inputCharsMax: GUARD, inputBytesMax: GUARD, dataCharsMax: GUARD },
  services: {
    lambdaSyncBytesMax: GUARD,
    lambdaAsyncBytesMax: GUARD,
    lambdaResponseBytesMax: GUARD,
    sqsBytesMax: GUARD,
    snsBytesMax: GUARD,
    eventEntriesBytesMax: GUARD,
  },
}
