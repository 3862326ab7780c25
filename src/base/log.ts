/** Where a room tells operators something. One line, plain fields; implemented in observe/. */
export interface Log {
  debug(message: string, fields?: Record<string, unknown>): void
  info(message: string, fields?: Record<string, unknown>): void
  warn(message: string, fields?: Record<string, unknown>): void
  error(message: string, fields?: Record<string, unknown>): void
}

/** What is told of an error that nobody expected. */
export const describeBug = (error: unknown) => ({ error: String(error), stack: error instanceof Error ? error.stack : undefined })

export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} }
