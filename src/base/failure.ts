/** What Retry and Catch read: an error name and its cause. Returned, never thrown. */
export interface Failure {
  readonly error?: string | undefined
  readonly cause?: string | undefined
}

/** Longest error name and cause that AWS keeps (API reference, SensitiveError and SensitiveCause). */
export const ERROR_CHARS_MAX = 256
export const CAUSE_CHARS_MAX = 32_768

export function failure(error: string | undefined, cause?: string | undefined): Failure {
  return {
    ...(error !== undefined && { error: error.slice(0, ERROR_CHARS_MAX) }),
    ...(cause !== undefined && { cause: cause.slice(0, CAUSE_CHARS_MAX) }),
  }
}
