/** Where a definition comes from: an object, a text, or a file of JSON or YAML, with `${names}` in it that a template would fill in. */
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'

import { readEither, readSource, type Source, withoutMark } from '../source/source.ts'
import { jsonOf } from '../source/tree.ts'

import { TestKitError } from './test-kit-error.ts'

export interface DefinitionSource {
  /** The definition itself, as an object. */
  readonly definition?: object
  /** A file that has it. */
  readonly file?: string
  /** For `${Name}` in it (DefinitionSubstitutions). */
  readonly substitutions?: Readonly<Record<string, string | number | boolean>>
}

export interface ReadDefinition {
  /** JSON text. */
  readonly definition: string
  /** What files named beside it are looked for from. */
  readonly folder: string
}

/** Rejects with TestKitError. */
export async function readDefinition({ definition, file, substitutions }: DefinitionSource): Promise<ReadDefinition> {
  if ((definition === undefined) === (file === undefined))
    throw new TestKitError("A workflow has either a definition or a file: workflow({ file: './order.asl.json' }).")
  if (file === undefined) return { definition: substituted(JSON.stringify(definition), substitutions), folder: process.cwd() }
  const path = resolve(file)
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new TestKitError(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  })
  const read = /\.ya?ml$/i.test(path) ? readEither(withoutMark(text)) : readSource(withoutMark(text))
  return { definition: substituted(textOf(read), substitutions), folder: dirname(path) }
}

const textOf = ({ notation, text, root }: Source): string =>
  notation === 'JSON' ? text : JSON.stringify(root ? jsonOf(root) : null)

function substituted(definition: string, substitutions: DefinitionSource['substitutions'] = {}): string {
  return definition.replaceAll(/\$\{(\w+)\}/g, (whole, name: string) => {
    const value = Object.hasOwn(substitutions, name) ? substitutions[name] : undefined
    return value === undefined ? whole : JSON.stringify(String(value)).slice(1, -1)
  })
}

/** What is told of a definition that a state machine cannot be made of. */
export const noMachine = ({ file }: DefinitionSource, error: unknown): TestKitError =>
  new TestKitError(`${file ?? 'The definition'} is no state machine: ${error instanceof Error ? error.message : String(error)}`)
