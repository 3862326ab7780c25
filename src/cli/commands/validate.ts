/** `regente validate FILE...`: what is wrong with definitions, and with the definitions of templates, each at its place. */
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'

import { type Checked, type CheckedFile, checkFile, type CheckSettings, unreadable } from '../checks.ts'
import { CliError, EXIT } from '../cli-error.ts'
import { readText } from '../definition-file.ts'
import { renderDiagnostics } from '../diagnostics.ts'
import { findFiles, STDIN } from '../found-files.ts'
import { ownVersion } from '../own-version.ts'
import { sarifOf } from '../sarif.ts'
import { painter } from '../terminal.ts'
import { machineTypeOf } from '../template-definitions.ts'

export interface ValidateFlags {
  readonly type: string
  readonly ignore: readonly string[]
  readonly json?: boolean
  readonly sarif?: boolean
  readonly format?: string
  readonly strict?: boolean
}

/** 2 where something is wrong; with `--strict`, where there is anything to say. */
export async function validate(given: readonly string[], flags: ValidateFlags): Promise<number> {
  const settings = { type: machineTypeOf(flags.type), ignore: flags.ignore }
  const format = formatOf(flags)
  const checked = await checkAll(given, settings)
  print[format](checked)
  for (const line of checked.unchecked) process.stderr.write(`${line}\n`)
  if (checked.files.length === 0 && checked.unchecked.length === 0)
    throw new CliError(`${given.join(', ')} has no state machine to check.`)
  const { errors, warnings } = countsOf(checked.files)
  return errors > 0 || (flags.strict === true && warnings > 0) ? EXIT.usage : EXIT.ok
}

type Format = 'text' | 'json' | 'sarif'

function formatOf({ format, json, sarif }: ValidateFlags): Format {
  if (format === undefined) return sarif === true ? 'sarif' : json === true ? 'json' : 'text'
  if (format === 'text' || format === 'json' || format === 'sarif') return format
  throw new CliError(`--format must be text, json or sarif, not ${format}.`)
}

/** A definition that a template declares is checked with it, not once more alone. */
async function checkAll(given: readonly string[], settings: CheckSettings): Promise<Checked> {
  const files: CheckedFile[] = []
  const unchecked: string[] = []
  for (const path of await findFiles(given)) {
    if (files.some((file) => file.machine !== undefined && resolve(file.path) === resolve(path))) continue
    const found = await checkOne(path, settings)
    files.push(...found.files)
    unchecked.push(...found.unchecked)
  }
  return { files, unchecked }
}

async function checkOne(path: string, settings: CheckSettings): Promise<Checked> {
  if (path === STDIN) return checkFile('<stdin>', await text(process.stdin), settings)
  try {
    return await checkFile(path, await readText(path), settings)
  } catch (error) {
    if (!(error instanceof CliError)) throw error
    return { files: [unreadable(path, error)], unchecked: [] }
  }
}

const print: Readonly<Record<Format, (checked: Checked) => void>> = {
  text({ files }) {
    const paint = painter(process.stdout)
    const paths = pathsOf(files)
    for (const path of paths) {
      const lines = files.filter((file) => file.path === path).flatMap((file) => renderDiagnostics(file, file.diagnostics, paint))
      process.stdout.write(`${lines.length === 0 ? `${path}: no problems found` : lines.join('\n')}\n`)
    }
    if (paths.length < 2) return
    const { errors, warnings } = countsOf(files)
    process.stdout.write(`${paths.length} checked, ${errors} errors, ${warnings} warnings\n`)
  },
  json({ files, unchecked }) {
    const { errors, warnings } = countsOf(files)
    const diagnostics = files.flatMap(({ path, machine, diagnostics }) =>
      diagnostics.map(({ position, ...found }) => ({ file: path, machine, ...found, ...position })),
    )
    const answer = {
      result: errors === 0 ? 'OK' : 'FAIL',
      errors,
      warnings,
      files: pathsOf(files),
      unchecked,
      diagnostics,
    }
    process.stdout.write(`${JSON.stringify(answer, null, 2)}\n`)
  },
  sarif({ files }) {
    process.stdout.write(`${JSON.stringify(sarifOf(files, ownVersion()), null, 2)}\n`)
  },
}

/** A template counts once, however many machines it declares. */
const pathsOf = (files: readonly CheckedFile[]): readonly string[] => [...new Set(files.map(({ path }) => path))]

function countsOf(files: readonly CheckedFile[]): { readonly errors: number; readonly warnings: number } {
  const all = files.flatMap(({ diagnostics }) => diagnostics)
  const errors = all.filter(({ severity }) => severity === 'ERROR').length
  return { errors, warnings: all.length - errors }
}
