/**
 * What an execution was given is often what its states hand on and what it puts out in the end. Its row has that text: where a
 * long one would be stored again, in the log or as the output, the store writes down that it is the input.
 */
import type { ExecutionRecord } from './contract.ts'

/** A shorter text is written as fast as it is looked up. */
const CHARS_MIN = 1_024
/** In the place of an output; no JSON text is spelled so. */
const AS_INPUT = '='

export const isRepeated = (text: string, input: string | undefined): boolean => text.length >= CHARS_MIN && text === input

/** A record or a patch as its row keeps it. */
export function withStoredOutput<R extends { readonly output?: string | null | undefined }>(
  row: R,
  input: string | undefined,
): R {
  const { output } = row
  return typeof output === 'string' && isRepeated(output, input) ? { ...row, output: AS_INPUT } : row
}

/** A record as it was, of what its row keeps. */
export const withOutput = (row: ExecutionRecord): ExecutionRecord =>
  row.output === AS_INPUT ? { ...row, output: row.input } : row
