/** A whole server, and resources deployed on it one at a time, as a stack would deploy them. For tests. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { JsonObject } from '../../../base/json.ts'

import { createRegente } from '../../../regente.ts'
import { type Aws, openAws } from '../../aws.ts'
import { resourceTypeNamed } from '../index.ts'
import type { Declared, Deployed, DeployContext, Existing, RemoveOptions } from '../resource.ts'

const PLACE = { region: 'us-east-1', account: '123456789012', partition: 'aws' }

/** A resource of a stack: it knows what it was. */
export interface Thing {
  readonly id: string
  readonly type: string
  /** Of the last deployment. */
  readonly existing: Existing
  readonly deployed: Deployed
}

export interface Stage {
  readonly aws: Aws
  readonly url: string
  /** What was warned of since the last deployment began. */
  readonly warnings: readonly string[]
  /** Makes what is new to the stack. One of its name that is there is refused: `ID already exists`. */
  create(type: string, properties: JsonObject, id?: string): Promise<Thing>
  update(thing: Thing, properties: JsonObject): Promise<Thing>
  /** Once more, as after a kill that left nothing known but what was told as made. */
  goOn(thing: Thing): Promise<Thing>
  /** As CloudFormation does it: with what is in it. */
  remove(thing: Thing, options?: RemoveOptions): Promise<string | undefined>
  close(): Promise<void>
}

export async function openStage(): Promise<Stage> {
  const directory = await mkdtemp(join(tmpdir(), 'regente-types-'))
  const server = createRegente({ port: 0, dataDirectory: directory, logLevel: 'silent', account: PLACE.account })
  const { url } = await server.start()
  const aws = openAws({ endpoint: url, region: PLACE.region, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } })
  const warnings: string[] = []
  const context: DeployContext = {
    ...PLACE,
    aws,
    stackName: 'Stack',
    suffixOf: () => 'ABCDEFGHIJKL',
    adopt: (_, name) => {
      throw new Error(`${name} already exists`)
    },
    placeOf: () => ({ file: 'template.yaml', position: undefined }),
    warn: (message) => void warnings.push(message),
    note: () => {},
    made: () => {},
  }
  const deploy = async (
    id: string,
    type: string,
    properties: JsonObject,
    past: Pick<Declared, 'before' | 'begun'> = {},
  ): Promise<Thing> => {
    warnings.length = 0
    const kind = resourceTypeNamed(type)
    if (kind === undefined) throw new Error(`${type} is not here`)
    const declared = { id, type, properties, metadata: {}, path: ['Resources', id], ...past }
    const deployed = await kind.deploy(declared, context)
    return { id, type, deployed, existing: { ref: deployed.ref, type, properties, attributes: deployed.attributes } }
  }
  return {
    aws,
    url,
    warnings,
    create: (type, properties, id = 'Thing') => deploy(id, type, properties),
    update: ({ id, type, existing }, properties) => deploy(id, type, properties, { before: existing }),
    goOn: ({ id, type, existing }) => deploy(id, type, existing.properties, { begun: existing.ref }),
    async remove({ type, existing }, options = { withData: true, properties: existing.properties }) {
      return resourceTypeNamed(type)?.remove?.(existing.ref, aws, options)
    },
    async close() {
      await server.stop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}
