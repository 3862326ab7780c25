/** All services on a port, with the door of links, for tests of what functions answer to a stack. */
import { once } from 'node:events'
import { createServer } from 'node:http'

import { systemClock } from '../../../base/clock.ts'
import type { JsonObject } from '../../../base/json.ts'
import { silentLog } from '../../../base/log.ts'

import { endpointsAt } from '../../../aws/endpoints.ts'
import { FUNCTIONS_PATH } from '../../../aws/paths.ts'
import { SERVICES } from '../../../aws/services.ts'
import { type Aws, openAws } from '../../../cloudformation/aws.ts'
import type { Declared, DeployContext, Existing } from '../../../cloudformation/resources/resource.ts'
import { zipEntries } from '../../../cloudformation/zip.ts'

import { handlerFor } from '../../kit/testing/services.ts'
import { openSeal } from '../../seal.ts'
import { startServices } from '../../services.ts'

import { customResource } from '../custom-resource.ts'
import { createResponseDoor, isResponseDoor } from '../response-door.ts'
import { ResponseLinks } from '../response-links.ts'
import { SignalLinks } from '../signal-links.ts'
import type { StackTask } from '../stack-task.ts'

const PLACE = { region: 'us-east-1', account: '000000000000', partition: 'aws' }
export const STACK_ID = 'arn:aws:cloudformation:us-east-1:000000000000:stack/shop/11111111-2222-3333-4444-555555555555'

export interface FunctionSettings {
  readonly runtime?: string
  readonly layers?: readonly string[]
  readonly timeout?: number
  readonly variables?: JsonObject
}

export async function serveLinks() {
  let url = ''
  const services = startServices({ ...PLACE, endpoint: () => url, log: silentLog })
  const seal = openSeal(undefined)
  const openLinks = () => new ResponseLinks({ database: services.database, clock: systemClock, seal })
  const links = openLinks()
  const signals = new SignalLinks({ database: services.database, clock: systemClock })
  const door = createResponseDoor({ links, signals, log: silentLog })
  const server = createServer((req, res) => void (isResponseDoor(req) ? door : handlerFor(services, req))?.(req, res))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  services.resume()
  const aws: Aws = openAws({ endpoint: url, region: PLACE.region })
  const deps = {
    links,
    endpoints: endpointsAt(() => ({ endpoint: url, region: PLACE.region })),
    clock: systemClock,
    urlBase: () => url,
    signal: new AbortController().signal,
  }

  return {
    url,
    aws,
    links,
    openLinks,
    deps,
    services,
    context: contextOf(aws),
    /** The ARN of the function; its handler is `index.handler`. */
    async makeFunction(name: string, files: Readonly<Record<string, string>>, settings: FunctionSettings = {}): Promise<string> {
      const zip = await zipEntries(Object.entries(files).map(([path, text]) => ({ name: path, data: Buffer.from(text) })))
      const made = await aws.rest(SERVICES.lambda, 'POST', FUNCTIONS_PATH, {
        FunctionName: name,
        Runtime: settings.runtime ?? 'nodejs22.x',
        Handler: 'index.handler',
        Role: 'arn:aws:iam::000000000000:role/lambda',
        Timeout: settings.timeout ?? 60,
        MemorySize: 512,
        Code: { ZipFile: zip.toString('base64') },
        Environment: { Variables: settings.variables ?? {} },
        Layers: settings.layers ?? [],
      })
      return String(made['FunctionArn'])
    },
    custom: (operationId: string, more: Partial<typeof deps> = {}) => customResource(taskOf(operationId), { ...deps, ...more }),
    async close() {
      server.closeAllConnections()
      server.close()
      await services.close()
    },
  }
}

export const taskOf = (operationId: string, resourceType = 'Custom::Thing'): StackTask => ({
  stackId: STACK_ID,
  stackName: 'shop',
  operationId,
  logicalId: 'Thing',
  resourceType,
})

export const declared = (properties: JsonObject, before?: Existing, type = 'Custom::Thing'): Declared => ({
  id: 'Thing',
  type,
  properties,
  metadata: {},
  path: ['Resources', 'Thing'],
  ...(before && { before }),
})

export const contextOf = (aws: Aws): DeployContext => ({
  ...PLACE,
  aws,
  stackName: 'shop',
  suffixOf: () => 'ABCDEF',
  adopt: () => undefined,
  placeOf: () => ({ file: 'template' }),
  warn: () => undefined,
  note: () => undefined,
  made: () => undefined,
})
