/** AWS's limits, each with its source: developer guide, "Step Functions service quotas". */
export interface Limits {
  /** Input or output of a state, task or execution, in bytes of UTF-8. */
  readonly payloadBytesMax: number
  /** The variables that one Assign sets, and so each of them, in bytes of UTF-8. */
  readonly assignBytesMax: number
  /** All variables of an execution. */
  readonly variablesBytesMax: number
  /** The event that would be this one ends the execution instead. */
  readonly historyEventsMax: number
  /** Iterations of an inline Map that run at a time. */
  readonly inlineConcurrencyMax: number
  /** Express executions end then. */
  readonly expressSecondsMax: number
}

export const AWS_LIMITS: Limits = {
  payloadBytesMax: 262_144,
  assignBytesMax: 262_144,
  variablesBytesMax: 10 * 1024 * 1024,
  historyEventsMax: 25_000,
  inlineConcurrencyMax: 40,
  expressSecondsMax: 300,
}

/** `--limits off`: for workflows that stay here. */
export const NO_LIMITS: Limits = {
  payloadBytesMax: Number.POSITIVE_INFINITY,
  assignBytesMax: Number.POSITIVE_INFINITY,
  variablesBytesMax: Number.POSITIVE_INFINITY,
  historyEventsMax: Number.POSITIVE_INFINITY,
  inlineConcurrencyMax: Number.POSITIVE_INFINITY,
  expressSecondsMax: 300,
}

/** The longest a Wait state may wait, in milliseconds: 2^31 - 1 seconds (measured on AWS: 24,855 days pass, 24,856 do not). */
export const WAIT_MS_MAX = (2 ** 31 - 1) * 1000
