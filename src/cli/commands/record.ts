/** `regente record EXECUTION_ARN`: an execution as a recording, of a server, of AWS, or of a history in a file. */
import { access, writeFile } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve } from 'node:path'

import { createEndpoints } from '../../aws/endpoints.ts'
import { readDefinition } from '../../testkit/definition.ts'
import { readHistoryFile } from '../../testkit/record/history-file.ts'
import type { Recording } from '../../testkit/record/recording.ts'
import { textOfRecording } from '../../testkit/record/recording-file.ts'
import { type RecordedExecution, recordingOf } from '../../testkit/record/recording-of.ts'
import { suiteOf } from '../../testkit/record/suite-of.ts'

import { CliError, EXIT } from '../cli-error.ts'
import { reasonOf } from '../definition-file.ts'
import { recordedExecution } from '../recorded-execution.ts'
import { StatesApi } from '../states-api.ts'
import { apiAt, targetAt } from '../target.ts'
import { machineTypeOf } from '../template-definitions.ts'
import { printable } from '../terminal.ts'

export interface RecordFlags {
  readonly history?: string
  readonly definition?: string
  readonly type: string
  readonly out?: string
  readonly suite?: string
  readonly endpoint?: string
  readonly profile?: string
  readonly region?: string
}

export async function record(executionArn: string | undefined, flags: RecordFlags): Promise<number> {
  const recording = recordingOf(await executionOf(executionArn, flags))
  const { out, suite } = flags
  if (out !== undefined) await write(out, textOfRecording(recording))
  else if (suite === undefined) process.stdout.write(textOfRecording(recording))
  if (suite !== undefined) await writeSuite(suite, recording, flags.definition)
  for (const note of recording.notes) process.stderr.write(`note: ${printable(note)}\n`)
  return EXIT.ok
}

async function executionOf(arn: string | undefined, flags: RecordFlags): Promise<RecordedExecution> {
  const { history, definition } = flags
  if ((arn === undefined) === (history === undefined))
    throw new CliError('record takes the ARN of an execution, or --history FILE: one of them.')
  if (arn !== undefined) {
    if (definition !== undefined) throw new CliError('--definition goes with --history: a server tells what an execution ran.')
    return await recordedExecution(await apiOf(flags, arn), arn)
  }
  const file = history ?? ''
  return {
    history: await readHistoryFile(file),
    source: file,
    name: basename(file).replace(/\.\w+$/, ''),
    type: machineTypeOf(flags.type),
    ...(definition !== undefined && { definition: (await readDefinition({ file: definition })).definition }),
  }
}

async function apiOf({ endpoint, region, profile }: RecordFlags, arn: string): Promise<StatesApi> {
  if (endpoint !== 'aws' && profile === undefined)
    return apiAt({ ...(endpoint !== undefined && { endpoint }), ...(region !== undefined && { region }) }, arn)
  if (endpoint !== undefined && endpoint !== 'aws')
    throw new CliError('--profile is for AWS: it goes with --endpoint aws, or alone.')
  const place = region ?? arn.split(':')[3] ?? 'us-east-1'
  const endpoints = createEndpoints({ ownUrl: () => '', region: place, env: {}, others: 'aws', profile })
  const { url, credentials } = endpoints.endpointFor('sfn')
  await credentials().catch((error: unknown) => {
    throw new CliError(`AWS cannot be asked: ${reasonOf(error)}. Say whose credentials with --profile, or in the environment.`)
  })
  return new StatesApi(targetAt(url, place), endpoints)
}

/** With the definition in a file beside it, where it is in none yet. What is there is not written over. */
async function writeSuite(suite: string, recording: Recording, definitionFile: string | undefined): Promise<void> {
  const folder = dirname(resolve(suite))
  await assertNew(suite)
  let file = definitionFile
  if (file === undefined) {
    if (recording.definition === undefined)
      throw new CliError('A suite names the file of its definition. Say which: --definition FILE.')
    file = join(folder, `${basename(suite).replace(/(?:\.test)?\.ya?ml$/i, '')}.asl.json`)
    await assertNew(file)
  }
  const named = relative(folder, resolve(file)).replaceAll('\\', '/')
  const text = await suiteOf(recording, named.startsWith('.') ? named : `./${named}`)
  if (definitionFile === undefined) await write(file, recording.definition ?? '')
  await write(suite, text)
}

async function assertNew(path: string): Promise<void> {
  const isThere = await access(path).then(
    () => true,
    () => false,
  )
  if (isThere) throw new CliError(`${path} is there already, and perhaps written on. Name another file with --suite.`)
}

async function write(path: string, text: string): Promise<void> {
  await writeFile(path, text).catch((error: unknown) => {
    throw new CliError(`${path} cannot be written: ${reasonOf(error)}`)
  })
  process.stderr.write(`Wrote ${printable(path)}\n`)
}
