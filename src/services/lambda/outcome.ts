/**
 * What an invocation came to, and the payloads that stand for a process that could not answer.
 * Source: texts of the managed runtimes as AWS returns them ("RequestId: … Error: Task timed out after 3.00 seconds").
 */

export interface Outcome {
  readonly payload: Buffer
  /** Set when the payload describes an error; what X-Amz-Function-Error carries. */
  readonly functionError?: 'Unhandled'
  /** The last 4 KB of the log, base64, for who has asked for it; else empty. */
  readonly logTail: string
}

/** How a process ended: its exit code, or the signal that ended it. */
export interface Exit {
  readonly code: number | null
  readonly signal: string | null
}

export interface Verdict {
  readonly payload: Buffer
  readonly isError: boolean
}

const describe = (errorType: string, errorMessage: string): Verdict => ({
  payload: Buffer.from(JSON.stringify({ errorType, errorMessage })),
  isError: true,
})

export const timedOut = (requestId: string, timeoutSeconds: number): Verdict =>
  describe('Sandbox.Timedout', `RequestId: ${requestId} Error: Task timed out after ${timeoutSeconds.toFixed(2)} seconds`)

export const outOfMemory = (requestId: string): Verdict =>
  describe('Runtime.OutOfMemory', `RequestId: ${requestId} Error: Runtime exited with error: signal: killed`)

export const exited = (requestId: string, exit: Exit): Verdict =>
  describe('Runtime.ExitError', `RequestId: ${requestId} Error: ${describeExit(exit)}`)

export const notStarted = (requestId: string, reason: string): Verdict =>
  describe('Runtime.InvalidEntrypoint', `RequestId: ${requestId} Error: ${reason}`)

export const responseTooLarge = (bytesMax: number): Verdict =>
  describe('Function.ResponseSizeTooLarge', `Response payload size exceeded maximum allowed payload size (${bytesMax} bytes).`)

const SIGNALS: Readonly<Record<string, string>> = {
  SIGKILL: 'killed',
  SIGTERM: 'terminated',
  SIGSEGV: 'segmentation fault',
  SIGABRT: 'aborted',
  SIGBUS: 'bus error',
  SIGFPE: 'floating point exception',
  SIGILL: 'illegal instruction',
  SIGINT: 'interrupt',
  SIGHUP: 'hangup',
  SIGTRAP: 'trace/breakpoint trap',
}

function describeExit({ code, signal }: Exit): string {
  if (signal !== null) return `Runtime exited with error: signal: ${SIGNALS[signal] ?? signal}`
  return code === 0 ? 'Runtime exited without providing a reason' : `Runtime exited with error: exit status ${code}`
}
