/** What SQLite says when it cannot, and of which file it says so. */
export const SQLITE_BUSY = 5
export const SQLITE_TOOBIG = 18
export const SQLITE_CONSTRAINT = 19

export class SqliteError extends Error {
  /** SQLite's primary result code (https://sqlite.org/rescode.html): 5 is busy, 11 malformed, 13 full. */
  readonly resultCode: number

  constructor(file: string, message: string, resultCode: number, cause: unknown) {
    super(`${message} (${file})`, { cause })
    this.resultCode = resultCode
  }
}

/** A value that is not of its column's kind (row.ts). */
export class RowError extends Error {}

/** Runs `work`; what SQLite refuses in it is thrown as `named` says. */
export function naming<T>(file: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw named(file, error)
  }
}

/** SQLite's own errors as SqliteError, a RowError with the file; everything else as it is. */
export function named(file: string, error: unknown): unknown {
  if (error instanceof RowError) return new RowError(`${error.message} (${file})`, { cause: error })
  if (!(error instanceof Error && 'errcode' in error && typeof error.errcode === 'number')) return error
  return new SqliteError(file, error.message, error.errcode & 0xff, error)
}
