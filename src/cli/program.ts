/** The commands and their flags. Each command is loaded when it is asked for: `regente show` needs no server. */
import { Command, Option } from 'commander'

import type { BackupFlags } from './commands/backup.ts'
import type { DescribeFlags } from './commands/describe.ts'
import type { DevFlags } from './commands/dev.ts'
import type { DoctorFlags } from './commands/doctor.ts'
import type { ExportFlags } from './commands/export.ts'
import type { EnvFlags } from './commands/env.ts'
import type { GraphFlags } from './commands/graph.ts'
import type { ImportFlags } from './commands/import.ts'
import type { InitFlags } from './commands/init.ts'
import type { ListFlags } from './commands/list.ts'
import type { LogsFlags } from './commands/logs.ts'
import type { MoveFlags } from './commands/move.ts'
import type { QuarantineFlags } from './commands/quarantine.ts'
import type { RecordFlags } from './commands/record.ts'
import type { ReplayFlags } from './commands/replay.ts'
import type { RestoreFlags } from './commands/restore.ts'
import type { RunFlags } from './commands/run.ts'
import type { ShowFlags } from './commands/show.ts'
import type { StartExecutionFlags } from './commands/start-execution.ts'
import type { StopFlags } from './commands/stop.ts'
import type { TestFlags } from './commands/test.ts'
import type { ValidateFlags } from './commands/validate.ts'
import { ownVersion } from './own-version.ts'
import { collect } from './parameters.ts'
import { addEngineFlags, addNodeFlags, addServerFlags, type ServerFlags } from './server-flags.ts'

const EXIT_CODES = `
Exit codes: 0 success, 1 an execution or a server failed, 2 wrong usage or definition, 130 interrupted.
Each command has its own help: regente help COMMAND. All of them: docs/cli.md.`

export function buildProgram(finish: (code: number) => void): Command {
  const program = new Command('regente')
    .description('Runs Amazon States Language on your own machine, durably, behind the API of AWS Step Functions.')
    .version(ownVersion())
    .exitOverride()
    .showHelpAfterError('(regente help COMMAND tells what it takes)')
    .addHelpText('after', EXIT_CODES)
    .hook('preAction', (_, command) => {
      // What a server keeps is for its owner; its functions set a mask of their own. Pictures, reports and projects are files like any other.
      if (!['graph', 'init', 'test'].includes(command.name())) process.umask(0o077)
    })
  addServers(program, finish)
  addFileCommands(program, finish)
  addClients(program, finish)
  addRecordings(program, finish)
  addUpkeep(program, finish)
  return program
}

type Finish = (code: number) => void

function addServers(program: Command, finish: Finish): void {
  addNodeFlags(addEngineFlags(addServerFlags(program.command('start').description('start a server')))).action(
    async (flags: ServerFlags) => finish(await (await import('./commands/start.ts')).start(flags)),
  )
  addServerFlags(
    program.command('services').description('start the embedded services alone, for servers with --services-url'),
  ).action(async (flags: ServerFlags) => finish(await (await import('./commands/services.ts')).services(flags)))
  addEngineFlags(
    addServerFlags(program.command('dev').description('start a server, deploy a project on it, and follow its changes')),
  )
    .argument('[project...]', 'templates, or folders of templates, CDK apps or Serverless projects (the working directory)')
    .option('--parameter <Name=value>', 'a value for a parameter of the template; may be repeated', collect, [])
    .option('--stack-name <name>', "the stack's name (the folder's)")
    .option('--endpoint <url>', 'deploy to a server that is up already')
    .option('--no-watch', 'deploy once and end')
    .addOption(
      new Option('--inspect [port]', 'start Node functions with their debuggers, on ports from this one on (9229)').preset(
        '9229',
      ),
    )
    .action(async (templates: readonly string[], flags: DevFlags) =>
      finish(await (await import('./commands/dev.ts')).dev(templates, flags)),
    )
}

/** What begins with a definition or a template. */
function addFileCommands(program: Command, finish: Finish): void {
  program
    .command('init')
    .description('write a project: a workflow with its template, functions and tests')
    .argument('[folder]', 'where to; the working directory unless told', '.')
    .option('--template <name>', 'what it begins with', 'order-process')
    .option('--list', 'say what templates there are')
    .option('--force', 'replace files that are there')
    .action(async (folder: string, flags: InitFlags) => finish(await (await import('./commands/init.ts')).init(folder, flags)))
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
    .option('--json', 'print all of the execution as JSON, not its output alone')
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
    .command('test')
    .description('test workflows by suites of cases, with mocks and with time that skips')
    .argument(
      '[path...]',
      'suites (NAME.workflow-test.yaml, .json, .ts, .js), or folders with such files (the working directory)',
    )
    .option('--filter <regex>', "cases of this name alone: a regular expression over 'suite › case'")
    .option('--watch', 'go on, and run again what changes')
    .option('--update', 'write what snapshots keep anew')
    .option(
      '--reporter <name[=file]>',
      'terminal, junit, github or json, and the file that it writes; may be repeated (terminal)',
      collect,
      [],
    )
    .option('--workers <count>', 'how many processes run suites at once (as many as there are cores)')
    .option('--timeout <duration>', 'how long a case may take in real time', '10 s')
    .option('--coverage [folder]', 'tell what the cases reach, and write json, lcov and html there (coverage)')
    .option(
      '--threshold <kind=percent>',
      'fail below it: states, transitions, choices, catches, retries, maps, timeouts, heartbeats, total',
      collect,
      [],
    )
    .option('--schema', 'print the JSON Schema of suites, for editors')
    .action(async (paths: readonly string[], flags: TestFlags) =>
      finish(await (await import('./commands/test.ts')).test(paths, flags)),
    )
  program
    .command('graph')
    .description('draw a definition')
    .argument('<file>', 'definition (.asl.json, .yaml) or template')
    .option('--format <format>', 'svg, png, mermaid or dot (what the output is named, or svg)')
    .option('--output <file>', 'where to; without it, standard output')
    .option('--machine <id>', 'which state machine of a template')
    .action(async (file: string, flags: GraphFlags) => finish(await (await import('./commands/graph.ts')).graph(file, flags)))
}

/** What asks a server that is up, ours or AWS. */
function addClients(program: Command, finish: Finish): void {
  program
    .command('env')
    .description('the variables with which AWS tools call a server by HTTPS, for a shell: eval "$(regente env)"')
    .option('--endpoint <url>', 'which server (AWS_ENDPOINT_URL, or http://127.0.0.1:4566)')
    .option('--output <file>', "where the server's authority is written to", '.regente/ca.pem')
    .action(async (flags: EnvFlags) => finish(await (await import('./commands/env.ts')).env(flags)))
  addTarget(program.command('list').description('the state machines of a server, or the executions of one'))
    .argument('[machine]', 'name or ARN of a state machine')
    .option('--status <status>', 'executions of this status alone: RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED')
    .option('--limit <count>', 'how many at most', '50')
    .action(async (machine: string | undefined, flags: ListFlags) =>
      finish(await (await import('./commands/list.ts')).list(machine, flags)),
    )
  addTarget(program.command('start-execution').description('start an execution'))
    .argument('<machine>', 'name or ARN of a state machine')
    .option('--input <json>', 'JSON text, @file, or - for standard input', '{}')
    .option('--name <name>', "the execution's name")
    .option('--wait', 'follow it to its end and print its output')
    .action(async (machine: string, flags: StartExecutionFlags) =>
      finish(await (await import('./commands/start-execution.ts')).startExecution(machine, flags)),
    )
  addTarget(program.command('stop').description('stop an execution'))
    .argument('<execution-arn>')
    .option('--error <name>', 'why, as an error that is told')
    .option('--cause <text>', 'why, in words')
    .action(async (arn: string, flags: StopFlags) => finish(await (await import('./commands/stop.ts')).stop(arn, flags)))
  addTarget(program.command('describe').description('all that is known of a machine, an execution, a Map Run, an activity'))
    .argument('<arn>', 'an ARN, or the name of a state machine')
    .action(async (arn: string, flags: DescribeFlags) =>
      finish(await (await import('./commands/describe.ts')).describe(arn, flags)),
    )
  addTarget(program.command('show').description('the timeline of an execution'))
    .argument('<execution-arn>')
    .action(async (arn: string, flags: ShowFlags) => finish(await (await import('./commands/show.ts')).show(arn, flags)))
  addTarget(program.command('logs').description('what functions have printed, and the execution logs of state machines'))
    .argument('[name]', 'a function, a state machine or a log group; without it, all')
    .option('--follow', 'go on until interrupted')
    .option('--since <time>', 'from how long ago on: 30s, 10m, 2h, 1d', '1h')
    .option('--filter <pattern>', 'a filter pattern of CloudWatch Logs')
    .action(async (name: string | undefined, flags: LogsFlags) =>
      finish(await (await import('./commands/logs.ts')).logs(name, flags)),
    )
  program
    .command('import')
    .description('copy what an AWS account has to a server, with calls that only read there')
    .option('--profile <name>', 'whose credentials are taken (AWS_PROFILE, or those of the environment)')
    .option('--region <region>', "which region is copied (AWS_REGION, AWS_DEFAULT_REGION, or the profile's)")
    .option('--from-endpoint <url>', 'copy from there instead of AWS: another server')
    .option(
      '--only <kinds>',
      'machines, activities, functions, tables, rules, schedules, queues, topics, parameters, roles; with commas',
    )
    .option('--endpoint <url>', 'the server that is copied to (AWS_ENDPOINT_URL, or http://127.0.0.1:4566)')
    .option('--dry-run', 'say what would be copied, and copy nothing')
    .action(async (flags: ImportFlags) => finish(await (await import('./commands/import.ts')).importFrom(flags)))
  program
    .command('export')
    .description('write what a server has as a SAM template')
    .option(
      '--out <folder>',
      'where template, definitions and code are written; without it, the template alone, to standard output',
    )
    .option(
      '--only <kinds>',
      'machines, activities, functions, tables, rules, schedules, queues, topics, parameters, roles; with commas',
    )
    .option('--endpoint <url>', 'the server (AWS_ENDPOINT_URL, or http://127.0.0.1:4566)')
    .action(async (flags: ExportFlags) => finish(await (await import('./commands/export.ts')).exportTo(flags)))
  addTarget(program.command('quarantine').description('executions that the server cannot carry on, and why'))
    .option('--retry <execution-arn>', 'try one of them now')
    .action(async (flags: QuarantineFlags) => finish(await (await import('./commands/quarantine.ts')).quarantine(flags)))
}

/** Executions that were, taken again. */
function addRecordings(program: Command, finish: Finish): void {
  program
    .command('record')
    .description('make a recording of an execution: its input, what its calls were answered, what came of it')
    .argument('[execution-arn]', 'of a server, or of AWS; not with --history')
    .option('--history <file>', 'what aws stepfunctions get-execution-history has printed, instead of asking a server')
    .option('--definition <file>', 'what it ran, where no server is asked')
    .option('--type <type>', 'STANDARD or EXPRESS, where no server is asked', 'STANDARD')
    .option('--out <file>', 'where to; without it, standard output')
    .option('--suite <file>', 'write it as a suite of tests too, in YAML')
    .option('--endpoint <url>', 'the server, or aws for AWS itself (AWS_ENDPOINT_URL, or http://127.0.0.1:4566)')
    .option('--profile <name>', 'whose credentials are taken for AWS (AWS_PROFILE, or those of the environment)')
    .option('--region <region>', "the region that is signed for (the ARN's)")
    .action(async (arn: string | undefined, flags: RecordFlags) =>
      finish(await (await import('./commands/record.ts')).record(arn, flags)),
    )
  program
    .command('replay')
    .description('whether recorded executions would go through a definition as they went')
    .argument('<file...>', 'recordings that regente record has made')
    .option('--definition <file>', 'the definition; without it, the one that is recorded')
    .option('--parameter <Name=value>', 'a value for ${Name} in the definition; may be repeated', collect, [])
    .option('--object <bucket/key=file>', 'an object that a distributed Map reads; may be repeated', collect, [])
    .option('--json', 'JSON on standard output')
    .action(async (files: readonly string[], flags: ReplayFlags) =>
      finish(await (await import('./commands/replay.ts')).replayAll(files, flags)),
    )
}

/** What is done to a data folder, while a server runs on it or not. */
function addUpkeep(program: Command, finish: Finish): void {
  program
    .command('backup')
    .description('copy all that lasts of a data folder, while a server runs on it or not')
    .argument('<target>', 'a file that ends in .tar, or a new folder')
    .option('--data <folder>', 'the data folder (.regente/data)')
    .action(async (target: string, flags: BackupFlags) =>
      finish(await (await import('./commands/backup.ts')).backup(target, flags)),
    )
  program
    .command('restore')
    .description('make a data folder of a backup')
    .argument('<source>', 'the file or folder that `regente backup` has made')
    .option('--data <folder>', 'the data folder; it must be empty, or not be there (.regente/data)')
    .action(async (source: string, flags: RestoreFlags) =>
      finish(await (await import('./commands/restore.ts')).restore(source, flags)),
    )
  program
    .command('doctor')
    .description('whether all is well with a data folder or a server, and how to mend what is not')
    .option('--data <folder>', 'the data folder, whether a server runs on it or not (.regente/data)')
    .option('--store <url>', 'a PostgreSQL database that nodes share: postgres://…')
    .option('--endpoint <url>', 'a server that runs: how it is, and what it cannot carry on')
    .option('--deep', 'look at all rows and files, not at some of them')
    .option('--json', 'JSON on standard output')
    .action(async (flags: DoctorFlags) => finish(await (await import('./commands/doctor.ts')).doctor(flags)))
  program
    .command('move')
    .description('move definitions and open executions from one store into another that is empty')
    .option('--from <place>', 'a data folder or postgres://… that no server uses, or a file that ends in .ndjson')
    .option('--to <place>', 'a data folder or postgres://… that is empty, or a new file that ends in .ndjson')
    .option('--all', 'executions that have closed too')
    .action(async (flags: MoveFlags) => finish(await (await import('./commands/move.ts')).move(flags)))
}

const addTarget = (command: Command): Command =>
  command
    .option('--endpoint <url>', 'the server (AWS_ENDPOINT_URL, or http://127.0.0.1:4566)')
    .option('--region <region>', "the region that is signed for (the ARN's, AWS_REGION, AWS_DEFAULT_REGION, or us-east-1)")
    .option('--json', 'JSON on standard output')
