/** Local files that a template names. Absolute paths are the developer's own; S3 locations are not local. */
import { isAbsolute, resolve } from 'node:path'

import { PropertyError } from '../cloudformation/resources/resource.ts'

export function localPath(folder: string, uri: string, property: string): string {
  if (/^(s3|https?):\/\//i.test(uri))
    throw new PropertyError(`${uri} is not local: give a folder or file beside the template.`, property)
  return isAbsolute(uri) ? uri : resolve(folder, uri)
}
