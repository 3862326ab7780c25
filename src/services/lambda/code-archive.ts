/**
 * The archive of a function's code or of a layer, as it was uploaded: what `Code.Location` of GetFunction links to (render.ts). AWS gives a
 * signed link to a bucket of its own; here it is a door beside Lambda's.
 */
import { readFile } from 'node:fs/promises'

import { lambdaError } from './errors.ts'
import type { Functions } from './functions.ts'
import { archiveOf } from './heavy-work.ts'
import type { Layers } from './layers.ts'

/**
 * `FunctionName` and `Qualifier`, or `LayerName` and `Version`. Throws ResourceNotFoundException, also where code was uploaded
 * before archives were kept.
 */
export async function readArchive(functions: Functions, layers: Layers, query: URLSearchParams): Promise<Buffer> {
  const layer = query.get('LayerName')
  if (layer !== null) return layers.archive(layer, query.get('Version') ?? '')
  const { record } = functions.resolve(query.get('FunctionName') ?? '', query.get('Qualifier') ?? undefined)
  try {
    return await readFile(archiveOf(record.codeDirectory))
  } catch (cause) {
    const message = `The archive of ${record.name} was not kept: upload its code again (UpdateFunctionCode).`
    throw lambdaError('ResourceNotFoundException', message, { cause })
  }
}
