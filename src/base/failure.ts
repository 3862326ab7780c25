/** What Retry and Catch read: an error name and its cause. Returned, never thrown. */
export interface Failure {
  readonly error?: string | undefined
  readonly cause?: string | undefined
}

export function failure(error: string | undefined, cause?: string | undefined): Failure {
  return { ...(error !== undefined && { error }), ...(cause !== undefined && { cause }) }
}
