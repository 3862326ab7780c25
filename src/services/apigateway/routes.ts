/**
 * The paths of API Gateway's management, of REST APIs and of HTTP APIs, and the operations that they are for.
 * Source: API Gateway REST API reference and API Gateway v2 API reference, "Request Syntax" of each action.
 */
import type { JsonObject } from '../../base/json.ts'

import { findRestRoute, type RestRoute, restRoute } from '../kit/rest-routes.ts'

import type { HttpApis, HttpPartName } from './http/apis.ts'
import type { RestApis } from './rest/apis.ts'
import type { Deployments } from './rest/deployments.ts'
import type { Keys } from './rest/keys.ts'
import type { ApiParts, PartName } from './rest/parts.ts'
import type { MethodPlace, Resources } from './rest/resources.ts'
import type { ResourceTags } from './tags.ts'

/** All that is managed. */
export interface Managers {
  readonly apis: RestApis
  readonly resources: Resources
  readonly parts: ApiParts
  readonly deployments: Deployments
  readonly keys: Keys
  readonly httpApis: HttpApis
  readonly tags: ResourceTags
}

export interface Call extends Managers {
  readonly query: URLSearchParams
  readonly input: JsonObject
  /** The body as it came: an OpenAPI document may be in YAML. */
  readonly text: () => string
  /** The path's variable parts, decoded. */
  readonly names: readonly string[]
  /** A method called in vain, as a test. */
  readonly testInvoke: (place: MethodPlace, input: JsonObject) => Promise<JsonObject>
}

const route = restRoute<Call>

const part = (call: Call, at: number): string => call.names[at] ?? ''
const first = (call: Call): string => part(call, 0)
const second = (call: Call): string => part(call, 1)
const method = (call: Call): MethodPlace => [part(call, 0), part(call, 1), part(call, 2)]
const status = (call: Call): string => part(call, 3)

const METHOD = '/restapis/*/resources/*/methods/*'
const METHOD_RESPONSE = `${METHOD}/responses/*`
const INTEGRATION = `${METHOD}/integration`
const INTEGRATION_RESPONSE = `${INTEGRATION}/responses/*`

/** Of what is made, found, changed and deleted alike. */
const partRoutes = (name: PartName): readonly RestRoute<Call>[] => [
  route(`POST /restapis/*/${name}`, 201, (call) => call.parts.create(first(call), name, call.input)),
  route(`GET /restapis/*/${name}`, 200, (call) => call.parts.list(first(call), name, call.query)),
  route(`GET /restapis/*/${name}/*`, 200, (call) => call.parts.get(first(call), name, second(call))),
  route(`PATCH /restapis/*/${name}/*`, 200, (call) => call.parts.update(first(call), name, second(call), call.input)),
  route(`DELETE /restapis/*/${name}/*`, 202, (call) => call.parts.delete(first(call), name, second(call))),
]

const httpPartRoutes = (name: HttpPartName): readonly RestRoute<Call>[] => [
  route(`POST /v2/apis/*/${name}`, 201, (call) => call.httpApis.createPart(first(call), name, call.input)),
  route(`GET /v2/apis/*/${name}`, 200, (call) => call.httpApis.listParts(first(call), name, call.query)),
  route(`GET /v2/apis/*/${name}/*`, 200, (call) => call.httpApis.getPart(first(call), name, second(call))),
  route(`PATCH /v2/apis/*/${name}/*`, 200, (call) => call.httpApis.updatePart(first(call), name, second(call), call.input)),
  route(`DELETE /v2/apis/*/${name}/*`, 204, (call) => call.httpApis.deletePart(first(call), name, second(call))),
]

const ROUTES: readonly RestRoute<Call>[] = [
  route('POST /restapis', 201, (call) =>
    call.query.get('mode') === 'import' ? call.apis.import(call.text(), call.query) : call.apis.create(call.input),
  ),
  route('GET /restapis', 200, (call) => call.apis.list(call.query)),
  route('GET /restapis/*', 200, (call) => call.apis.get(first(call))),
  route('PUT /restapis/*', 200, (call) => call.apis.put(first(call), call.text(), call.query)),
  route('PATCH /restapis/*', 200, (call) => call.apis.update(first(call), call.input)),
  route('DELETE /restapis/*', 202, (call) => call.apis.delete(first(call))),

  route('GET /restapis/*/resources', 200, (call) => call.resources.list(first(call), call.query)),
  route('POST /restapis/*/resources/*', 201, (call) => call.resources.create(first(call), second(call), call.input)),
  route('GET /restapis/*/resources/*', 200, (call) => call.resources.get(first(call), second(call), call.query)),
  route('PATCH /restapis/*/resources/*', 200, (call) => call.resources.update(first(call), second(call), call.input)),
  route('DELETE /restapis/*/resources/*', 202, (call) => call.resources.delete(first(call), second(call))),

  route(`PUT ${METHOD}`, 201, (call) => call.resources.putMethod(method(call), call.input)),
  route(`GET ${METHOD}`, 200, (call) => call.resources.getMethod(method(call))),
  route(`PATCH ${METHOD}`, 200, (call) => call.resources.updateMethod(method(call), call.input)),
  route(`DELETE ${METHOD}`, 204, (call) => call.resources.deleteMethod(method(call))),
  route(`POST ${METHOD}`, 200, (call) => call.testInvoke(method(call), call.input)),
  route(`PUT ${METHOD_RESPONSE}`, 201, (call) => call.resources.putMethodResponse(method(call), status(call), call.input)),
  route(`GET ${METHOD_RESPONSE}`, 200, (call) => call.resources.getMethodResponse(method(call), status(call))),
  route(`PATCH ${METHOD_RESPONSE}`, 201, (call) => call.resources.updateMethodResponse(method(call), status(call), call.input)),
  route(`DELETE ${METHOD_RESPONSE}`, 204, (call) => call.resources.deleteMethodResponse(method(call), status(call))),
  route(`PUT ${INTEGRATION}`, 201, (call) => call.resources.putIntegration(method(call), call.input)),
  route(`GET ${INTEGRATION}`, 200, (call) => call.resources.getIntegration(method(call))),
  route(`PATCH ${INTEGRATION}`, 200, (call) => call.resources.updateIntegration(method(call), call.input)),
  route(`DELETE ${INTEGRATION}`, 204, (call) => call.resources.deleteIntegration(method(call))),
  route(`PUT ${INTEGRATION_RESPONSE}`, 201, (call) =>
    call.resources.putIntegrationResponse(method(call), status(call), call.input),
  ),
  route(`GET ${INTEGRATION_RESPONSE}`, 200, (call) => call.resources.getIntegrationResponse(method(call), status(call))),
  route(`PATCH ${INTEGRATION_RESPONSE}`, 200, (call) =>
    call.resources.updateIntegrationResponse(method(call), status(call), call.input),
  ),
  route(`DELETE ${INTEGRATION_RESPONSE}`, 204, (call) => call.resources.deleteIntegrationResponse(method(call), status(call))),

  ...partRoutes('authorizers'),
  ...partRoutes('models'),
  ...partRoutes('requestvalidators'),
  route('GET /restapis/*/gatewayresponses', 200, (call) => call.parts.listGatewayResponses(first(call), call.query)),
  route('PUT /restapis/*/gatewayresponses/*', 201, (call) =>
    call.parts.putGatewayResponse(first(call), second(call), call.input),
  ),
  route('GET /restapis/*/gatewayresponses/*', 200, (call) => call.parts.getGatewayResponse(first(call), second(call))),
  route('PATCH /restapis/*/gatewayresponses/*', 200, (call) =>
    call.parts.updateGatewayResponse(first(call), second(call), call.input),
  ),
  route('DELETE /restapis/*/gatewayresponses/*', 202, (call) => call.parts.deleteGatewayResponse(first(call), second(call))),

  route('POST /restapis/*/deployments', 201, (call) => call.deployments.create(first(call), call.input)),
  route('GET /restapis/*/deployments', 200, (call) => call.deployments.list(first(call), call.query)),
  route('GET /restapis/*/deployments/*', 200, (call) => call.deployments.get(first(call), second(call), call.query)),
  route('PATCH /restapis/*/deployments/*', 200, (call) => call.deployments.update(first(call), second(call), call.input)),
  route('DELETE /restapis/*/deployments/*', 202, (call) => call.deployments.delete(first(call), second(call))),
  route('POST /restapis/*/stages', 201, (call) => call.deployments.createStage(first(call), call.input)),
  route('GET /restapis/*/stages', 200, (call) => call.deployments.listStages(first(call), call.query)),
  route('GET /restapis/*/stages/*', 200, (call) => call.deployments.getStage(first(call), second(call))),
  route('PATCH /restapis/*/stages/*', 200, (call) => call.deployments.updateStage(first(call), second(call), call.input)),
  route('DELETE /restapis/*/stages/*', 202, (call) => call.deployments.deleteStage(first(call), second(call))),

  route('GET /account', 200, ({ keys }) => keys.account()),
  route('PATCH /account', 200, ({ keys, input }) => keys.updateAccount(input)),
  route('POST /apikeys', 201, ({ keys, input }) => keys.createKey(input)),
  route('GET /apikeys', 200, ({ keys, query }) => keys.listKeys(query)),
  route('GET /apikeys/*', 200, (call) => call.keys.getKey(first(call), call.query)),
  route('PATCH /apikeys/*', 200, (call) => call.keys.updateKey(first(call), call.input)),
  route('DELETE /apikeys/*', 202, (call) => call.keys.deleteKey(first(call))),
  route('POST /usageplans', 201, ({ keys, input }) => keys.createPlan(input)),
  route('GET /usageplans', 200, ({ keys, query }) => keys.listPlans(query)),
  route('GET /usageplans/*', 200, (call) => call.keys.getPlan(first(call))),
  route('PATCH /usageplans/*', 200, (call) => call.keys.updatePlan(first(call), call.input)),
  route('DELETE /usageplans/*', 202, (call) => call.keys.deletePlan(first(call))),
  route('POST /usageplans/*/keys', 201, (call) => call.keys.createPlanKey(first(call), call.input)),
  route('GET /usageplans/*/keys', 200, (call) => call.keys.listPlanKeys(first(call), call.query)),
  route('GET /usageplans/*/keys/*', 200, (call) => call.keys.getPlanKey(first(call), second(call))),
  route('DELETE /usageplans/*/keys/*', 202, (call) => call.keys.deletePlanKey(first(call), second(call))),

  route('GET /tags/*', 200, (call) => call.tags.list(first(call))),
  route('PUT /tags/*', 204, (call) => call.tags.tag(first(call), call.input)),
  route('DELETE /tags/*', 204, (call) => call.tags.untag(first(call), call.query.getAll('tagKeys'))),

  route('POST /v2/apis', 201, ({ httpApis, input }) => httpApis.create(input)),
  route('PUT /v2/apis', 201, ({ httpApis, input, query }) => httpApis.import(input, query)),
  route('GET /v2/apis', 200, ({ httpApis, query }) => httpApis.list(query)),
  route('GET /v2/apis/*', 200, (call) => call.httpApis.get(first(call))),
  route('PUT /v2/apis/*', 201, (call) => call.httpApis.reimport(first(call), call.input, call.query)),
  route('PATCH /v2/apis/*', 200, (call) => call.httpApis.update(first(call), call.input)),
  route('DELETE /v2/apis/*', 204, (call) => call.httpApis.delete(first(call))),
  route('DELETE /v2/apis/*/cors', 204, (call) => call.httpApis.deleteCors(first(call))),
  ...httpPartRoutes('routes'),
  ...httpPartRoutes('integrations'),
  ...httpPartRoutes('authorizers'),
  ...httpPartRoutes('models'),
  route('POST /v2/apis/*/stages', 201, (call) => call.httpApis.createStage(first(call), call.input)),
  route('GET /v2/apis/*/stages', 200, (call) => call.httpApis.listStages(first(call), call.query)),
  route('GET /v2/apis/*/stages/*', 200, (call) => call.httpApis.getStage(first(call), second(call))),
  route('PATCH /v2/apis/*/stages/*', 200, (call) => call.httpApis.updateStage(first(call), second(call), call.input)),
  route('DELETE /v2/apis/*/stages/*', 204, (call) => call.httpApis.deleteStage(first(call), second(call))),
  route('DELETE /v2/apis/*/stages/*/accesslogsettings', 204, (call) =>
    call.httpApis.deleteAccessLogSettings(first(call), second(call)),
  ),
  route('DELETE /v2/apis/*/stages/*/routesettings/*', 204, (call) =>
    call.httpApis.deleteRouteSettings(first(call), second(call), part(call, 2)),
  ),
  route('POST /v2/apis/*/deployments', 201, (call) => call.httpApis.createDeployment(first(call), call.input)),
  route('GET /v2/apis/*/deployments', 200, (call) => call.httpApis.listDeployments(first(call), call.query)),
  route('GET /v2/apis/*/deployments/*', 200, (call) => call.httpApis.getDeployment(first(call), second(call))),
  route('PATCH /v2/apis/*/deployments/*', 200, (call) => call.httpApis.updateDeployment(first(call), second(call), call.input)),
  route('DELETE /v2/apis/*/deployments/*', 204, (call) => call.httpApis.deleteDeployment(first(call), second(call))),
  route('GET /v2/tags/*', 200, (call) => call.tags.list(first(call))),
  route('POST /v2/tags/*', 201, (call) => call.tags.tag(first(call), call.input)),
  route('DELETE /v2/tags/*', 204, (call) => call.tags.untag(first(call), call.query.getAll('tagKeys'))),
]

/** The operation at a path, and the path's variable parts as they came. */
export const findRoute = (verb: string | undefined, path: string) => findRestRoute(ROUTES, verb, path)
