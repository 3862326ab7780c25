/**
 * The code of a function or a layer from the template's own folder: a folder, a file, or an asset of CDK. A folder of code is
 * built first (`build.ts`).
 * Source: AWS SAM, CodeUri and ContentUri, which stay paths (`serverless/code-location.ts`); CDK, "asset metadata".
 */
import { readFile, stat } from 'node:fs/promises'
import { basename } from 'node:path'

import { getOwn } from '../base/json.ts'

import { stubFor } from '../cloudformation/code.ts'
import { type Code, type Declared, textAt } from '../cloudformation/resources/resource.ts'
import { locationIn } from '../cloudformation/s3-location.ts'
import { type ZipEntry, zipEntries } from '../cloudformation/zip.ts'

import { assetNamed } from './assets.ts'
import { type Built, buildFolder } from './build.ts'
import type { FolderContext } from './folder-context.ts'
import { zipFolder } from './folder-files.ts'
import { localPath } from './paths.ts'

/** Undefined where the code is not of the folder. */
export async function readLocalCode(resource: Declared, context: FolderContext): Promise<Code | undefined> {
  const source = await findSource(resource, 'Code', context)
  if (source === undefined) return undefined
  const status = await stat(source).catch(() => undefined)
  if (status === undefined) {
    const reason = `${source} does not exist`
    context.warn(`${resource.id}: ${reason}: calls of this function fail until it is.`)
    return plain(await stubFor(resource, reason))
  }
  if (status.isDirectory()) return packed(await buildFolder(source, resource, context))
  if (/\.(zip|jar)$/i.test(source)) return plain(await readFile(source))
  return plain(await zipEntries([{ name: basename(source), data: await readFile(source) }]))
}

/** Of a layer: undefined where it is not of the folder, or not there. */
export async function readLocalContent(resource: Declared, context: FolderContext): Promise<Buffer | undefined> {
  const source = await findSource(resource, 'Content', context)
  const status = source === undefined ? undefined : await stat(source).catch(() => undefined)
  if (source === undefined || status === undefined) return undefined
  if (!status.isDirectory()) return readFile(source)
  const runtime = textAt(resource.metadata, 'BuildMethod') ?? ''
  const folder = /^(nodejs|python)/.exec(runtime)?.[1]
  if (folder === undefined) return zipFolder(source, context.excluded)
  // What `sam build` makes of it: packages, in the folder in which the runtime looks for them.
  const { entries } = await buildFolder(source, { ...resource, properties: { Runtime: runtime }, metadata: {} }, context)
  return zipLast(entries.map((entry) => ({ ...entry, name: `${folder}/${entry.name}` })))
}

async function findSource(
  { metadata, properties }: Declared,
  property: 'Code' | 'Content',
  context: FolderContext,
): Promise<string | undefined> {
  const given = getOwn(properties, property)
  const location = locationIn(given)
  const asset = textAt(metadata, 'aws:asset:path') ?? (location && (await assetNamed(location.key, context.folder)))
  const local = asset ?? (location === undefined && typeof given === 'string' ? given : undefined)
  if (local === undefined) return undefined
  const path = localPath(context.folder, local, property)
  context.watch(path)
  return path
}

const plain = (zip: Buffer): Code => ({ zip, variables: {} })

const packed = async ({ entries, variables }: Built): Promise<Code> => ({ zip: await zipLast(entries), variables })

/** Of entries of the same name the last one. */
const zipLast = (entries: readonly ZipEntry[]): Promise<Buffer> =>
  zipEntries([...new Map(entries.map((entry) => [entry.name, entry])).values()])
