/** `regente replay FILE...`: whether recorded executions would go through a definition as they went. */
import { readFile } from 'node:fs/promises'

import { readRecording } from '../../testkit/record/recording-file.ts'
import { replay, type Replayed, type ReplayOptions } from '../../testkit/record/replay.ts'
import { TestKitError } from '../../testkit/kit-error.ts'

import { CliError, EXIT } from '../cli-error.ts'
import { reasonOf } from '../definition-file.ts'
import { printJson } from '../output.ts'
import { parseAssignments } from '../parameters.ts'
import { painter, printable } from '../terminal.ts'

export interface ReplayFlags {
  readonly definition?: string
  readonly parameter: readonly string[]
  readonly object: readonly string[]
  readonly json?: boolean
}

type Result =
  | { readonly kind: 'done'; readonly file: string; readonly replayed: Replayed }
  | { readonly kind: 'refused'; readonly file: string; readonly reason: string }

/** 1 where an execution differs, 2 where one could not be taken again. */
export async function replayAll(files: readonly string[], flags: ReplayFlags): Promise<number> {
  const options = await optionsOf(flags)
  const results: Result[] = []
  for (const file of files) results.push(await replayOne(file, options))
  const differing = results.filter((result) => result.kind === 'done' && !result.replayed.isSame).length
  const refused = results.filter(({ kind }) => kind === 'refused').length
  const counts = { replayed: results.length, same: results.length - differing - refused, different: differing, refused }
  if (flags.json === true) printJson({ ...counts, recordings: results.map(asJson) })
  else {
    for (const result of results) tell(result)
    const notDone = refused === 0 ? '' : `, ${refused} could not be replayed`
    process.stdout.write(`${results.length} replayed: ${counts.same} the same, ${differing} different${notDone}.\n`)
  }
  if (refused > 0) return EXIT.usage
  return differing > 0 ? EXIT.failed : EXIT.ok
}

async function optionsOf({ definition, parameter, object }: ReplayFlags): Promise<ReplayOptions> {
  if (parameter.length > 0 && definition === undefined)
    throw new CliError('--parameter goes with --definition: a recorded definition has its values already.')
  const objects: Record<`${string}/${string}`, Uint8Array> = {}
  for (const given of object) {
    const [, name, file] = /^([^/]+\/.+)=([^=]+)$/.exec(given) ?? []
    if (name === undefined || file === undefined) throw new CliError(`--object takes bucket/key=FILE, not ${given}.`)
    objects[name as `${string}/${string}`] = await readFile(file).catch((error: unknown) => {
      throw new CliError(`${file} cannot be read: ${reasonOf(error)}`)
    })
  }
  return { ...(definition !== undefined && { file: definition, substitutions: parseAssignments(parameter) }), objects }
}

async function replayOne(file: string, options: ReplayOptions): Promise<Result> {
  try {
    return { kind: 'done', file, replayed: await replay(await readRecording(file), options) }
  } catch (error) {
    if (error instanceof TestKitError) return { kind: 'refused', file, reason: error.message }
    throw error
  }
}

function tell(result: Result): void {
  const paint = painter(process.stdout)
  const line = (text: string) => process.stdout.write(`${text}\n`)
  if (result.kind === 'refused') {
    line(`${printable(result.file)}: ${paint('red', 'not replayed')}`)
    process.stderr.write(`  ${printable(result.reason)}\n`)
    return
  }
  const { isSame, differences, notes } = result.replayed
  line(`${printable(result.file)}: ${isSame ? paint('green', 'the same') : paint('red', 'different')}`)
  for (const { message } of differences) line(`  ${printable(message)}`)
  for (const note of notes) line(`  note: ${printable(note)}`)
}

function asJson(result: Result): object {
  if (result.kind === 'refused') return { file: result.file, result: 'REFUSED', reason: result.reason }
  const { source, isSame, differences, notes, outcome } = result.replayed
  const { status, output, error, cause, path } = outcome
  const ending = { status, output, error, cause, path }
  return { file: result.file, source, result: isSame ? 'SAME' : 'DIFFERENT', differences, notes, outcome: ending }
}
