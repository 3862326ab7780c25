/** The command. Every failure ends here: told in a line or two, with an exit code, never with a stack unless it is our bug. */
import { CommanderError } from 'commander'

import { StartError } from '../base/start-error.ts'

import { TransportError } from '../wire/client.ts'
import { WireError } from '../wire/errors.ts'
import { ConfigError } from '../config.ts'
import { TemplateError } from '../cloudformation/problem.ts'
import { TestKitError } from '../testkit/kit-error.ts'

import { CliError, EXIT } from './cli-error.ts'
import { buildProgram } from './program.ts'
import { printable } from './terminal.ts'

/** Text and exit code for whatever ended a command. */
function explain(error: unknown): [text: string, code: number] {
  if (error instanceof CliError) return [error.message, error.exitCode]
  if (error instanceof ConfigError) return [error.message, EXIT.usage]
  if (error instanceof TemplateError) return [error.message, EXIT.usage]
  if (error instanceof TestKitError) return [error.message, EXIT.usage]
  if (error instanceof WireError)
    return [`${error.code}: ${error.message}`, /^(?:Invalid|Validation)/.test(error.code) ? EXIT.usage : EXIT.failed]
  if (error instanceof StartError) return [error.message, EXIT.failed]
  if (error instanceof TransportError) return [error.message, EXIT.failed]
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''
  if (code === 'EADDRINUSE') return ['The port is taken. Choose another with --port, or 0 for any free one.', EXIT.failed]
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return [(error as Error).message, EXIT.failed]
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return [
    process.env['REGENTE_DEBUG'] === undefined ? `Unexpected: ${error instanceof Error ? error.message : String(error)}` : stack,
    EXIT.failed,
  ]
}

async function main(): Promise<number> {
  let code: number = EXIT.ok
  try {
    await buildProgram((result) => (code = result)).parseAsync()
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
    const [text, exitCode] = explain(error)
    process.stderr.write(`regente: ${text.split('\n').map(printable).join('\n')}\n`)
    return exitCode
  }
  return code
}

/** An older Node has started us (bin/regente.js). Where it stands around us and is killed it cannot pass that on: its end is ours. */
const isWrapped = process.env['REGENTE_WRAPPED'] === '1'
delete process.env['REGENTE_WRAPPED']
if (isWrapped && process.channel !== undefined) {
  process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'))
  process.channel?.unref()
}
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.ok)
})
process.exitCode = await main()
// What a finished command leaves open (idle sockets) must not hold the terminal; output that is queued goes out first.
process.stdout.write('', () => process.stderr.write('', () => process.exit()))
