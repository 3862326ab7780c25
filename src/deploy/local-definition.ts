/** The definition of a state machine in a file of the template's own folder. */
import { readFile } from 'node:fs/promises'
import { relative } from 'node:path'

import { getOwn } from '../base/json.ts'

import { withoutMark } from '../source/source.ts'
import { type Declared, type DefinitionFile, PropertyError, textAt } from '../cloudformation/resources/resource.ts'
import { locationIn } from '../cloudformation/s3-location.ts'

import { assetNamed } from './assets.ts'
import type { TemplateFolder } from './folder-context.ts'
import { localPath } from './paths.ts'

/** Undefined where it names none. Throws PropertyError for one that cannot be read. */
export async function readLocalDefinition(
  { properties, metadata }: Declared,
  context: TemplateFolder,
): Promise<DefinitionFile | undefined> {
  const uri = getOwn(properties, 'DefinitionUri')
  const stored = getOwn(properties, 'DefinitionS3Location') ?? uri
  const property = stored === uri ? 'DefinitionUri' : 'DefinitionS3Location'
  const location = locationIn(stored)
  const named = location === undefined ? uri : await assetNamed(location.key, context.folder)
  const given = typeof named === 'string' ? named : textAt(metadata, 'aws:asset:path')
  if (given === undefined) return undefined
  const path = localPath(context.folder, given, property)
  context.watch(path)
  const content = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new PropertyError(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`, property)
  })
  const shown = relative(process.cwd(), path)
  return { file: shown.startsWith('..') ? path : shown, content: withoutMark(content) }
}
