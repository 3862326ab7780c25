/** What a command tells before it ends without success. Shown as it stands, never with a stack. */
export class CliError extends Error {
  override readonly name = 'CliError'
  readonly exitCode: number

  constructor(message: string, exitCode: number = EXIT.usage, options?: ErrorOptions) {
    super(message, options)
    this.exitCode = exitCode
  }
}

export const EXIT = {
  ok: 0,
  /** The execution, or the server, did not succeed. */
  failed: 1,
  /** The command line, a file or a definition is wrong. */
  usage: 2,
  interrupted: 130,
} as const
