/** A cause as people read it. A function's comes as JSON: its message is what one looks for. */
import { isObject } from '../../../src/base/json.ts'

/** The message within a cause that is JSON; the cause itself where there is none. */
export function messageOfCause(cause: string): string {
  if (!cause.startsWith('{')) return cause
  try {
    const value: unknown = JSON.parse(cause)
    const message = isObject(value) ? (value['errorMessage'] ?? value['message']) : undefined
    return typeof message === 'string' ? message : cause
  } catch {
    return cause
  }
}

/** `Error` and `Cause` as a caught failure would have them. */
export const failureJson = ({ error, cause }: { readonly error: string; readonly cause: string }): string =>
  JSON.stringify({ Error: error, Cause: cause })
