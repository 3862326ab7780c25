/**
 * The paths of Lambda's API and the operations that they are for; besides invoking, whose bodies are not JSON of the API.
 * Source: AWS Lambda API reference, "Request Syntax" of each action.
 */
import type { JsonObject } from '../../base/json.ts'

import { findRestRoute, type RestRoute, restRoute } from '../kit/rest-routes.ts'

import { isCodeSigningArn } from './code-signing.ts'
import { constraintError } from './errors.ts'
import { isMappingArn } from './event-sources.ts'
import type { PageAsked } from './input.ts'
import type { LambdaService } from './service.ts'

export interface Call {
  readonly service: LambdaService
  readonly query: URLSearchParams
  readonly input: JsonObject
  /** The input's ZipFile, where it was large. */
  readonly archive: Uint8Array | undefined
  /** The path's variable parts, decoded. */
  readonly parts: readonly string[]
}

const route = restRoute<Call>

const name = (call: Call): string => call.parts[0] ?? ''
const second = (call: Call): string => call.parts[1] ?? ''
const third = (call: Call): string => call.parts[2] ?? ''
const asked = ({ query }: Call, member: string): string | undefined => query.get(member) ?? undefined
const qualifier = (call: Call): string | undefined => asked(call, 'Qualifier')
const revision = (call: Call): string | undefined => asked(call, 'RevisionId')

function page(call: Call): PageAsked {
  const text = asked(call, 'MaxItems')
  const maxItems = text === undefined ? undefined : Number(text)
  if (maxItems === undefined || (Number.isInteger(maxItems) && maxItems >= 1 && maxItems <= 10_000))
    return { marker: asked(call, 'Marker'), maxItems }
  throw constraintError(text, 'maxItems', 'Member must have value between 1 and 10000')
}

const layersWanted = (call: Call) => ({
  ...page(call),
  runtime: asked(call, 'CompatibleRuntime'),
  architecture: asked(call, 'CompatibleArchitecture'),
})

/** Who has the tags of what the path names. */
function tagged(call: Call) {
  const { eventSources, codeSigning, functions } = call.service
  return isMappingArn(name(call)) ? eventSources : isCodeSigningArn(name(call)) ? codeSigning : functions
}

const ROUTES: readonly RestRoute<Call>[] = [
  route('POST /2015-03-31/functions', 201, ({ service, input, archive }) => service.createFunction(input, archive)),
  route('GET /2015-03-31/functions', 200, (call) =>
    call.service.functions.list(page(call), asked(call, 'FunctionVersion') === 'ALL'),
  ),
  route('GET /2015-03-31/functions/*', 200, (call) => call.service.functions.get(name(call), qualifier(call))),
  route('DELETE /2015-03-31/functions/*', 204, (call) => call.service.functions.delete(name(call), qualifier(call))),
  route('GET /2015-03-31/functions/*/configuration', 200, (call) =>
    call.service.functions.getConfiguration(name(call), qualifier(call)),
  ),
  route('PUT /2015-03-31/functions/*/configuration', 200, (call) =>
    call.service.functions.updateConfiguration(name(call), call.input),
  ),
  route('PUT /2015-03-31/functions/*/code', 200, (call) =>
    call.service.functions.updateCode(name(call), call.input, call.archive),
  ),
  route('GET /2016-08-19/account-settings', 200, ({ service }) => service.functions.accountSettings()),

  route('POST /2015-03-31/functions/*/versions', 201, (call) => call.service.functions.publish(name(call), call.input)),
  route('GET /2015-03-31/functions/*/versions', 200, (call) => call.service.functions.listVersions(name(call), page(call))),
  route('POST /2015-03-31/functions/*/aliases', 201, (call) => call.service.functions.createAlias(name(call), call.input)),
  route('GET /2015-03-31/functions/*/aliases', 200, (call) =>
    call.service.functions.listAliases(name(call), asked(call, 'FunctionVersion'), page(call)),
  ),
  route('GET /2015-03-31/functions/*/aliases/*', 200, (call) => call.service.functions.getAlias(name(call), second(call))),
  route('PUT /2015-03-31/functions/*/aliases/*', 200, (call) =>
    call.service.functions.updateAlias(name(call), second(call), call.input),
  ),
  route('DELETE /2015-03-31/functions/*/aliases/*', 204, (call) => call.service.functions.deleteAlias(name(call), second(call))),

  route('POST /2015-03-31/functions/*/policy', 201, (call) =>
    call.service.permissions.add(name(call), qualifier(call), call.input),
  ),
  route('GET /2015-03-31/functions/*/policy', 200, (call) => call.service.permissions.get(name(call), qualifier(call))),
  route('DELETE /2015-03-31/functions/*/policy/*', 204, (call) =>
    call.service.permissions.remove(name(call), second(call), qualifier(call), revision(call)),
  ),

  route('PUT /2017-10-31/functions/*/concurrency', 200, (call) => call.service.functions.putConcurrency(name(call), call.input)),
  route('DELETE /2017-10-31/functions/*/concurrency', 204, (call) => call.service.functions.deleteConcurrency(name(call))),
  route('GET /2019-09-30/functions/*/concurrency', 200, (call) => call.service.functions.getConcurrency(name(call))),
  route('PUT /2019-09-30/functions/*/provisioned-concurrency', 202, (call) =>
    call.service.kept.putProvisioned(name(call), qualifier(call), call.input),
  ),
  route('GET /2019-09-30/functions/*/provisioned-concurrency', 200, (call) =>
    call.query.get('List') === 'ALL'
      ? call.service.kept.listProvisioned(name(call), page(call))
      : call.service.kept.getProvisioned(name(call), qualifier(call)),
  ),
  route('DELETE /2019-09-30/functions/*/provisioned-concurrency', 204, (call) =>
    call.service.kept.deleteProvisioned(name(call), qualifier(call)),
  ),
  route('PUT /2021-07-20/functions/*/runtime-management-config', 200, (call) =>
    call.service.kept.putRuntimeManagement(name(call), qualifier(call), call.input),
  ),
  route('GET /2021-07-20/functions/*/runtime-management-config', 200, (call) =>
    call.service.kept.getRuntimeManagement(name(call), qualifier(call)),
  ),
  route('PUT /2024-08-31/functions/*/recursion-config', 200, (call) => call.service.kept.putRecursion(name(call), call.input)),
  route('GET /2024-08-31/functions/*/recursion-config', 200, (call) => call.service.kept.getRecursion(name(call))),

  route('PUT /2019-09-25/functions/*/event-invoke-config', 200, (call) =>
    call.service.eventInvokeConfigs.put(name(call), qualifier(call), call.input),
  ),
  route('POST /2019-09-25/functions/*/event-invoke-config', 200, (call) =>
    call.service.eventInvokeConfigs.update(name(call), qualifier(call), call.input),
  ),
  route('GET /2019-09-25/functions/*/event-invoke-config', 200, (call) =>
    call.service.eventInvokeConfigs.get(name(call), qualifier(call)),
  ),
  route('GET /2019-09-25/functions/*/event-invoke-config/list', 200, (call) =>
    call.service.eventInvokeConfigs.list(name(call), page(call)),
  ),
  route('DELETE /2019-09-25/functions/*/event-invoke-config', 204, (call) =>
    call.service.eventInvokeConfigs.delete(name(call), qualifier(call)),
  ),

  route('POST /2021-10-31/functions/*/url', 201, (call) =>
    call.service.functionUrls.create(name(call), qualifier(call), call.input),
  ),
  route('GET /2021-10-31/functions/*/url', 200, (call) => call.service.functionUrls.get(name(call), qualifier(call))),
  route('PUT /2021-10-31/functions/*/url', 200, (call) =>
    call.service.functionUrls.update(name(call), qualifier(call), call.input),
  ),
  route('DELETE /2021-10-31/functions/*/url', 204, (call) => call.service.functionUrls.delete(name(call), qualifier(call))),
  route('GET /2021-10-31/functions/*/urls', 200, (call) => call.service.functionUrls.list(name(call), page(call))),

  route('GET /2020-06-30/functions/*/code-signing-config', 200, (call) => call.service.codeSigning.getOf(name(call))),
  route('PUT /2020-06-30/functions/*/code-signing-config', 200, (call) => call.service.codeSigning.putOf(name(call), call.input)),
  route('DELETE /2020-06-30/functions/*/code-signing-config', 204, (call) => call.service.codeSigning.deleteOf(name(call))),
  route('POST /2020-04-22/code-signing-configs', 201, ({ service, input }) => service.codeSigning.create(input)),
  route('GET /2020-04-22/code-signing-configs', 200, (call) => call.service.codeSigning.list(page(call))),
  route('GET /2020-04-22/code-signing-configs/*', 200, (call) => call.service.codeSigning.get(name(call))),
  route('PUT /2020-04-22/code-signing-configs/*', 200, (call) => call.service.codeSigning.update(name(call), call.input)),
  route('DELETE /2020-04-22/code-signing-configs/*', 204, (call) => call.service.codeSigning.delete(name(call))),
  route('GET /2020-04-22/code-signing-configs/*/functions', 200, (call) =>
    call.service.codeSigning.listFunctions(name(call), page(call)),
  ),

  route('POST /2018-10-31/layers/*/versions', 201, (call) => call.service.layers.publish(name(call), call.input, call.archive)),
  route('GET /2018-10-31/layers', 200, (call) =>
    call.query.get('find') === 'LayerVersion'
      ? call.service.layers.getByArn(asked(call, 'Arn') ?? '')
      : call.service.layers.list(layersWanted(call)),
  ),
  route('GET /2018-10-31/layers/*/versions', 200, (call) => call.service.layers.listVersions(name(call), layersWanted(call))),
  route('GET /2018-10-31/layers/*/versions/*', 200, (call) => call.service.layers.get(name(call), second(call))),
  route('DELETE /2018-10-31/layers/*/versions/*', 204, (call) => call.service.layers.delete(name(call), second(call))),
  route('POST /2018-10-31/layers/*/versions/*/policy', 201, (call) =>
    call.service.layers.addPermission(name(call), second(call), call.input, revision(call)),
  ),
  route('GET /2018-10-31/layers/*/versions/*/policy', 200, (call) => call.service.layers.getPolicy(name(call), second(call))),
  route('DELETE /2018-10-31/layers/*/versions/*/policy/*', 204, (call) =>
    call.service.layers.removePermission(name(call), second(call), third(call), revision(call)),
  ),

  route('POST /2015-03-31/event-source-mappings', 202, ({ service, input }) => service.eventSources.create(input)),
  route('GET /2015-03-31/event-source-mappings', 200, ({ service, query }) => service.eventSources.list(query)),
  route('GET /2015-03-31/event-source-mappings/*', 200, (call) => call.service.eventSources.get(name(call))),
  route('PUT /2015-03-31/event-source-mappings/*', 202, (call) => call.service.eventSources.update(name(call), call.input)),
  route('DELETE /2015-03-31/event-source-mappings/*', 202, (call) => call.service.eventSources.delete(name(call))),

  route('GET /2017-03-31/tags/*', 200, (call) => tagged(call).listTags(name(call))),
  route('POST /2017-03-31/tags/*', 204, (call) => tagged(call).tag(name(call), call.input)),
  route('DELETE /2017-03-31/tags/*', 204, (call) => tagged(call).untag(name(call), call.query.getAll('tagKeys'))),
]

/** The operation at a path, and the path's variable parts as they came. */
export const findRoute = (method: string | undefined, path: string) => findRestRoute(ROUTES, method, path)
