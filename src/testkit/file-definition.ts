/** A definition in a file of JSON or YAML. */
import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'

import { notationOf, positionOf, readEither, readSource, type Source, withoutMark } from '../source/source.ts'
import { jsonOf } from '../source/tree.ts'
import { isTemplate } from '../cloudformation/template/template-source.ts'

import type { DefinitionSource, ReadDefinition } from './definition-source.ts'
import { requireAll, requireNoTemplate, substituted } from './substitutions.ts'
import { messageOf, TestKitError } from './kit-error.ts'

/** `template`: the file is none of a definition. Rejects with TestKitError. */
export async function readFileDefinition(path: string, source: DefinitionSource): Promise<ReadDefinition | 'template'> {
  const { substitutions = {} } = source
  const text = withoutMark(
    await readFile(path, 'utf8').catch((error: unknown) => {
      throw new TestKitError(`${path} cannot be read: ${messageOf(error)}`)
    }),
  )
  const isYaml = /\.ya?ml$/i.test(path)
  if (/\bResources\b/.test(text) && isTemplate(isYaml ? readEither(text) : readSource(text))) return 'template'
  requireNoTemplate(source, path)
  const filled = substituted(text, substitutions, notationOf(text) === 'JSON')
  requireAll(filled, substitutions, path)
  return { definition: jsonTextOf(isYaml ? readEither(filled) : readSource(filled), path), folder: dirname(path) }
}

/** Broken JSON is left to whoever checks the definition, who says where it breaks. */
function jsonTextOf(source: Source, path: string): string {
  const { notation, text, root, problems } = source
  if (notation === 'JSON') return text
  const broken = problems.find(({ isDuplicate }) => !isDuplicate)
  if (broken === undefined) return JSON.stringify(root ? jsonOf(root) : null)
  const { line, column } = positionOf(source, broken.from)
  throw new TestKitError(`${path}:${line}:${column}: ${broken.message}`)
}
