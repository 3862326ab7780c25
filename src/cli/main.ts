/** The command. Every failure ends here: told in a line or two, with an exit code, never with a stack unless it is our bug. */
import { Command, CommanderError } from 'commander'

import { StartError } from '../base/start-error.ts'

import { TransportError } from '../wire/client.ts'
import { WireError } from '../wire/errors.ts'
import { ConfigError } from '../config.ts'
import { TemplateError } from '../deploy/problem.ts'

import { CliError, EXIT } from './cli-error.ts'
import type { DevFlags } from './commands/dev.ts'
import type { GraphFlags } from './commands/graph.ts'
import type { QuarantineFlags } from './commands/quarantine.ts'
import type { RunFlags } from './commands/run.ts'
import type { ValidateFlags } from './commands/validate.ts'
import { ownVersion } from './own-version.ts'
import { collect } from './parameters.ts'
import { addEngineFlags, addServerFlags, type ServerFlags } from './server-flags.ts'
import { printable } from './terminal.ts'

/** Commands are loaded when they are asked for: `regente show` needs no server. */
function buildProgram(finish: (code: number) => void): Command {
  const program = new Command('regente')
    .description('Runs Amazon States Language on your own machine, durably, behind the API of AWS Step Functions.')
    .version(ownVersion())
    .exitOverride()
  program.hook('preAction', (_, command) => {
    // What a server keeps is for its owner; its functions set a mask of their own. A picture is a file like any other.
    if (command.name() !== 'graph') process.umask(0o077)
  })
  addEngineFlags(addServerFlags(program.command('start').description('start a server'))).action(async (flags: ServerFlags) =>
    finish(await (await import('./commands/start.ts')).start(flags)),
  )
  addServerFlags(
    program.command('services').description('start the embedded services alone, for servers with --services-url'),
  ).action(async (flags: ServerFlags) => finish(await (await import('./commands/services.ts')).services(flags)))
  addEngineFlags(
    addServerFlags(program.command('dev').description('start a server, deploy a SAM template on it, and follow its changes')),
  )
    .argument('[template]', 'template file or its folder (the working directory)')
    .option('--parameter <Name=value>', 'a value for a parameter of the template; may be repeated', collect, [])
    .option('--stack-name <name>', "the stack's name (the folder's)")
    .option('--endpoint <url>', 'deploy to a server that is up already')
    .option('--no-watch', 'deploy once and end')
    .action(async (template: string | undefined, flags: DevFlags) =>
      finish(await (await import('./commands/dev.ts')).dev(template, flags)),
    )
  program
    .command('run')
    .description('run a workflow once and print its output')
    .argument('<file>', 'definition (.asl.json, .yaml) or SAM template')
    .option('--input <json>', 'JSON text, @file, or - for standard input', '{}')
    .option('--machine <id>', 'which state machine of a template')
    .option('--type <type>', 'STANDARD or EXPRESS, for a definition', 'STANDARD')
    .option('--name <name>', "the execution's name")
    .option('--endpoint <url>', 'a running server; without it, one is brought up for this run')
    .option('--region <region>', 'the region in ARNs (us-east-1)')
    .option('--account <digits>', 'the account in ARNs (000000000000)')
    .option('--parameter <Name=value>', 'a value for a parameter of the template; may be repeated', collect, [])
    .action(async (file: string, flags: RunFlags) => finish(await (await import('./commands/run.ts')).run(file, flags)))
  program
    .command('validate')
    .description('check definitions and say what is wrong, where, and how to mend it')
    .argument('<file...>', 'definitions (.asl.json, .yaml), templates, folders with such files; - for standard input')
    .option('--type <type>', 'STANDARD or EXPRESS, for definitions that no template declares', 'STANDARD')
    .option('--ignore <CODE>', 'a warning that is not wanted; may be repeated', collect, [])
    .option('--strict', 'warnings count as errors')
    .option('--format <format>', 'text, json or sarif (text)')
    .option('--json', 'the same as --format json')
    .option('--sarif', 'the same as --format sarif')
    .action(async (files: readonly string[], flags: ValidateFlags) =>
      finish(await (await import('./commands/validate.ts')).validate(files, flags)),
    )
  program
    .command('graph')
    .description('draw a definition')
    .argument('<file>', 'definition (.asl.json, .yaml) or template')
    .option('--format <format>', 'svg, png, mermaid or dot (what the output is named, or svg)')
    .option('--output <file>', 'where to; without it, standard output')
    .option('--machine <id>', 'which state machine of a template')
    .action(async (file: string, flags: GraphFlags) => finish(await (await import('./commands/graph.ts')).graph(file, flags)))
  program
    .command('show')
    .description('the timeline of an execution')
    .argument('<execution-arn>')
    .option('--endpoint <url>', 'the server (AWS_ENDPOINT_URL, or http://127.0.0.1:4566)')
    .action(async (arn: string, flags: { endpoint?: string }) =>
      finish(await (await import('./commands/show.ts')).show(arn, flags)),
    )
  program
    .command('quarantine')
    .description('executions that the server cannot carry on, and why')
    .option('--retry <execution-arn>', 'try one of them now')
    .option('--endpoint <url>', 'the server (AWS_ENDPOINT_URL, or http://127.0.0.1:4566)')
    .action(async (flags: QuarantineFlags) => finish(await (await import('./commands/quarantine.ts')).quarantine(flags)))
  return program
}

/** Text and exit code for whatever ended a command. */
function explain(error: unknown): [text: string, code: number] {
  if (error instanceof CliError) return [error.message, error.exitCode]
  if (error instanceof ConfigError) return [error.message, EXIT.usage]
  if (error instanceof TemplateError) return [error.message, EXIT.usage]
  if (error instanceof WireError)
    return [`${error.code}: ${error.message}`, error.code.startsWith('Invalid') ? EXIT.usage : EXIT.failed]
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
