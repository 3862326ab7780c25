/** A function's reserved concurrency, a hard bound wherever it runs: past it invocations are throttled, not queued. */
import { lambdaError } from './errors.ts'

export class ReservedConcurrency {
  readonly #running = new Map<string, number>()

  /** Rejects with TooManyRequestsException past `reserved`; undefined for no bound. */
  async within<T>(functionName: string, reserved: number | undefined, work: () => Promise<T>): Promise<T> {
    const running = this.#running.get(functionName) ?? 0
    if (reserved !== undefined && running >= reserved) throw throttled()
    this.#running.set(functionName, running + 1)
    try {
      return await work()
    } finally {
      this.#release(functionName)
    }
  }

  #release(functionName: string): void {
    const left = (this.#running.get(functionName) ?? 1) - 1
    if (left > 0) this.#running.set(functionName, left)
    else this.#running.delete(functionName)
  }
}

function throttled() {
  return lambdaError('TooManyRequestsException', 'Rate Exceeded.', {
    detail: { Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded' },
  })
}
