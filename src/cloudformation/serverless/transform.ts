/**
 * What SAM makes of a template before CloudFormation sees it: each AWS::Serverless resource becomes the resources of
 * CloudFormation that AWS documents, under the same logical ids. References to what it makes beside them are made to that.
 * Source: AWS SAM developer guide, "Generated CloudFormation resources", "Globals section".
 */
import { isObject, type Json, type JsonObject } from '../../base/json.ts'

import { type Problem, TemplateError } from '../problem.ts'
import { SERVERLESS } from '../template/declared-transforms.ts'
import type { ResourceDeclaration, Template } from '../template/template.ts'
import { makeApplication } from './application.ts'
import { makeConnector, makeEmbeddedConnectors } from './connector.ts'
import { Draft, SamResource, type TransformOptions } from './draft.ts'
import { makeFunction } from './function.ts'
import { groupOf, withGlobals } from './globals.ts'
import { makeHttpApi } from './http-api.ts'
import { makeLayerVersion } from './layer-version.ts'
import { placesOf } from './places.ts'
import { unknownProperties } from './property-names.ts'
import { renamed } from './references.ts'
import { makeRestApi } from './rest-api.ts'
import { IMPLICIT_HTTP_API, IMPLICIT_REST_API } from './routes.ts'
import { makeSimpleTable } from './simple-table.ts'
import { makeStateMachine } from './state-machine.ts'

/** In the order in which they are made: events add to APIs, connectors look at what the rest became. */
const MAKERS: ReadonlyMap<string, (resource: SamResource) => void> = new Map([
  ['Function', makeFunction],
  ['StateMachine', makeStateMachine],
  ['Api', (resource) => makeRestApi(resource)],
  ['HttpApi', makeHttpApi],
  ['SimpleTable', makeSimpleTable],
  ['LayerVersion', makeLayerVersion],
  ['Application', makeApplication],
  ['Connector', makeConnector],
])

/** The same template where nothing in it is SAM's. Throws TemplateError with all that SAM refuses. */
export function transformServerless(template: Template, options: TransformOptions): Template {
  const declared = [...template.resources.values()].map((resource) => withGlobals(resource, template.globals))
  const hasConnectors = declared.some(({ attributes }) => Object.hasOwn(attributes, 'Connectors'))
  if (!declared.some((one) => groupOf(one) !== undefined) && !hasConnectors) return template
  const draft = new Draft(template, placesOf(template, declared), options)
  for (const [kind, make] of MAKERS) {
    const own = declared.filter((one) => groupOf(one) === kind)
    for (const one of [...own, ...impliedApis(kind, draft)]) {
      const resource = new SamResource(one, draft)
      for (const name of unknownProperties(kind, Object.keys(resource.properties)))
        resource.refuse(`property ${name} not defined for resource of type ${resource.type}`, name)
      make(resource)
    }
  }
  makeEmbeddedConnectors(declared, draft)
  if (draft.problems.length > 0) throw new TemplateError(draft.problems)
  return transformed(draft)
}

/** Of events that name none, with what the globals say of such APIs. */
function impliedApis(kind: string, { template, routes, conditions }: Draft): readonly ResourceDeclaration[] {
  const id = kind === 'Api' ? IMPLICIT_REST_API : kind === 'HttpApi' ? IMPLICIT_HTTP_API : undefined
  const own = id === undefined ? undefined : routes.get(id)
  if (id === undefined || own === undefined || template.resources.has(id)) return []
  const wanted = new Set(own.map(({ condition }) => condition))
  const [only] = wanted
  const some = `${id}Condition`
  if (wanted.size > 1 && !wanted.has(undefined))
    conditions.set(some, { 'Fn::Or': [...wanted].map((condition) => ({ Condition: condition ?? '' })) })
  const api: ResourceDeclaration = {
    id,
    type: `AWS::Serverless::${kind}`,
    properties: kind === 'Api' ? { StageName: 'Prod' } : {},
    dependsOn: [],
    condition: wanted.has(undefined) ? undefined : wanted.size === 1 ? only : some,
    metadata: {},
    attributes: {},
    path: ['Globals', kind],
    isImplied: true,
  }
  return [withGlobals(api, template.globals)]
}

function transformed(draft: Draft): Template {
  const { template, names, locate } = draft
  const resources = [...draft.resources].map(([id, resource]): [string, ResourceDeclaration] => [
    id,
    {
      ...resource,
      properties: objectOf(renamed(resource.properties, names)),
      dependsOn: resource.dependsOn.map((name) => names.get(name) ?? name),
    },
  ])
  const outputs = [...template.outputs].map(([id, output]): [string, JsonObject] => [id, objectOf(renamed(output, names))])
  return {
    ...template,
    warnings: [...template.warnings, ...draft.warnings],
    globals: {},
    conditions: draft.conditions,
    resources: new Map(resources),
    outputs: new Map(outputs),
    locate,
  }
}

const objectOf = (value: Json): JsonObject => (isObject(value) ? value : {})

/** As CloudFormation tells of a template that SAM refuses. */
export function serverlessFailure({ problems }: { readonly problems: readonly Pick<Problem, 'message'>[] }): string {
  const told = problems.map(({ message }) => message).join(' ')
  return (
    `Transform ${SERVERLESS} failed with: Invalid Serverless Application Specification document. ` +
    `Number of errors found: ${problems.length}. ${told}`
  )
}
