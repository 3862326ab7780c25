/** What is wrong with a test, as opposed to with the workflow that it tests: a sentence that says how to mend it. */
export class TestKitError extends Error {
  override readonly name = 'TestKitError'
}

/** What whatever was thrown says. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
