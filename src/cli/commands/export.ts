/** `regente export`: what a server has as a SAM template, which makes it again elsewhere. */
import { join } from 'node:path'

import { endpointsAt } from '../../aws/endpoints.ts'
import { exportAll } from '../../transfer/export.ts'
import { Source } from '../../transfer/source.ts'

import { EXIT } from '../cli-error.ts'
import { countOf } from '../sizes.ts'
import { defaultEndpoint, targetAt } from '../target.ts'
import { kindsIn, tellLeft } from '../transfer.ts'

export interface ExportFlags {
  readonly out?: string
  readonly only?: string
  readonly endpoint?: string
}

export async function exportTo({ out, only, endpoint = defaultEndpoint() }: ExportFlags): Promise<number> {
  const wanted = kindsIn(only)
  const target = targetAt(endpoint)
  const { template, found, left } = await exportAll(new Source(endpointsAt(() => target)), wanted, out)
  if (out === undefined) process.stdout.write(template)
  else process.stdout.write(`${countOf(found.length, 'resource')} written to ${join(out, 'template.yaml')}.\n`)
  tellLeft(left)
  return EXIT.ok
}
