/**
 * AWS::Serverless::Connector, alone or within its source: what lets the source reach the destination.
 * Source: AWS SAM developer guide, "AWS::Serverless::Connector", "Generated CloudFormation resources".
 */
import { getOwn, isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'

import type { ResourceDeclaration } from '../template/template.ts'
import { type Category, type ConnectorStatement, type Profile, profileOf } from './connector-profiles.ts'
import { asList, attributeOf, type Draft, present, ref, SamResource } from './draft.ts'

export function makeConnector(resource: SamResource): void {
  connect(resource, resource.id, resource.at('Source'))
  resource.draft.resources.delete(resource.id)
}

/** `Connectors` of a resource, each under the id of the resource and its own name. */
export function makeEmbeddedConnectors(declared: readonly ResourceDeclaration[], draft: Draft): void {
  for (const resource of declared) {
    const { Connectors: connectors, ...attributes } = resource.attributes
    if (!isObject(connectors ?? null)) continue
    const made = draft.resources.get(resource.id)
    if (made !== undefined)
      draft.resources.set(resource.id, { ...made, attributes: { ...attributes, ...withoutConnectors(made) } })
    for (const [name, connector] of Object.entries(connectors as JsonObject)) {
      const properties = isObject(connector) ? getOwn(connector, 'Properties') : undefined
      const id = `${resource.id}${name}`
      const own = { ...resource, id, properties: isObject(properties) ? properties : {} }
      const reference = isObject(properties) ? getOwn(properties, 'SourceReference') : undefined
      connect(new SamResource(own, draft), id, { ...(isObject(reference) && reference), Id: resource.id })
    }
  }
}

const withoutConnectors = ({ attributes: { Connectors: _, ...attributes } }: ResourceDeclaration): JsonObject => attributes

function connect(resource: SamResource, id: string, given: Json | undefined): void {
  const source = endOf(resource, given, 'Source')
  const destinations = asList(resource.at('Destination'))
  const categories = asList(resource.at('Permissions')).filter((one) => one === 'Read' || one === 'Write')
  if (categories.length === 0) return resource.refuse("'Permissions' cannot be empty; valid values are: 'Read', 'Write'.")
  for (const [index, one] of destinations.entries()) {
    const destination = endOf(resource, one, 'Destination')
    if (source === undefined || destination === undefined) return
    const profile = profileOf(source.type, destination.type)
    if (profile === undefined)
      return resource.refuse(
        `Unable to create connector from ${source.type} to ${destination.type}; it's not supported or the template is invalid.`,
      )
    makeGrant(resource, destinations.length > 1 ? `${id}Destination${index}` : id, profile, { source, destination, categories })
  }
}

/** One side of a connector. */
interface End {
  readonly type: string
  readonly arn: Json
  readonly ref: Json
  readonly name: Json | undefined
  readonly roleName: Json | undefined
  readonly qualifier: Json | undefined
  readonly queueUrl: Json
}

function endOf(resource: SamResource, given: Json | undefined, side: string): End | undefined {
  const told = isObject(given) ? given : {}
  const id = getOwn(told, 'Id')
  const found = typeof id === 'string' ? resource.draft.resources.get(id) : undefined
  if (typeof id === 'string' && found === undefined) {
    resource.refuse(`Unable to find resource with logical ID '${id}'.`, side)
    return undefined
  }
  const type = found?.type ?? getOwn(told, 'Type')
  if (typeof type !== 'string') {
    resource.refuse(`'${side}' requires the Id of a resource or its Type.`, side)
    return undefined
  }
  const reference = found === undefined ? (getOwn(told, 'ResourceId') ?? null) : ref(found.id)
  return {
    type,
    arn: getOwn(told, 'Arn') ?? arnOf(found, reference),
    ref: reference,
    name: getOwn(told, 'Name') ?? (found && attributeOf(found.id, 'Name')),
    roleName: getOwn(told, 'RoleName') ?? (found && roleNameOf(found)),
    qualifier: getOwn(told, 'Qualifier'),
    queueUrl: getOwn(told, 'QueueUrl') ?? reference,
  }
}

/** `Ref` gives it for topics and machines. */
function arnOf(found: ResourceDeclaration | undefined, reference: Json): Json {
  if (found === undefined) return reference
  return found.type === 'AWS::SNS::Topic' || found.type === 'AWS::StepFunctions::StateMachine'
    ? reference
    : attributeOf(found.id, 'Arn')
}

function roleNameOf({ properties }: ResourceDeclaration): Json | undefined {
  const [target] = asList(getOwn(properties, 'Targets'))
  const arn =
    getOwn(properties, 'Role') ?? getOwn(properties, 'RoleArn') ?? (isObject(target) ? getOwn(target, 'RoleArn') : undefined)
  const attribute = isObject(arn) ? getOwn(arn, 'Fn::GetAtt') : undefined
  const [role] = isArray(attribute) ? attribute : []
  return role === undefined ? undefined : { Ref: role }
}

interface Connection {
  readonly source: End
  readonly destination: End
  readonly categories: readonly Category[]
}

function makeGrant(resource: SamResource, id: string, profile: Profile, connection: Connection): void {
  const { source, destination, categories } = connection
  switch (profile.kind) {
    case 'role': {
      const roleName = profile.of === 'source' ? source.roleName : destination.roleName
      if (roleName === undefined)
        return resource.refuse(
          `Unable to get IAM role name from '${profile.of === 'source' ? 'Source' : 'Destination'}' resource.`,
        )
      const Statement = categories
        .flatMap((category) => profile.grants[category] ?? [])
        .map((one) => statementOf(one, connection))
      const PolicyDocument = { Version: '2012-10-17', Statement }
      return resource.make(`${id}Policy`, 'AWS::IAM::ManagedPolicy', { PolicyDocument, Roles: [roleName] })
    }
    case 'permission':
      return resource.make(`${id}WriteLambdaPermission`, 'AWS::Lambda::Permission', {
        Action: 'lambda:InvokeFunction',
        FunctionName: destination.arn,
        Principal: `${profile.principal}.amazonaws.com`,
        SourceArn: profile.source === 'api' ? executionsOf(source) : source.arn,
        SourceAccount: profile.source === 'bucket' ? { 'Fn::Sub': '${AWS::AccountId}' } : undefined,
      })
    case 'queue':
    case 'topic': {
      const isQueue = profile.kind === 'queue'
      const Statement = [
        {
          Effect: 'Allow',
          Principal: { Service: `${profile.principal}.amazonaws.com` },
          Resource: destination.arn,
          Action: isQueue ? 'sqs:SendMessage' : 'sns:Publish',
          Condition: { ArnEquals: { 'aws:SourceArn': source.arn } },
        },
      ]
      const targets = isQueue ? { Queues: [destination.queueUrl] } : { Topics: [destination.ref] }
      const type = isQueue ? 'AWS::SQS::QueuePolicy' : 'AWS::SNS::TopicPolicy'
      const PolicyDocument = { Version: '2012-10-17', Statement }
      return resource.make(`${id}${isQueue ? 'Queue' : 'Topic'}Policy`, type, { PolicyDocument, ...targets })
    }
  }
}

function statementOf({ actions, resources }: ConnectorStatement, { source, destination }: Connection): JsonObject {
  const Resource = resources.map((resource): Json => {
    const [end, path] = [resource.charAt(0) === 'S' ? source : destination, resource.slice(1)]
    if (resource === 'S' || resource === 'D') return end.arn
    if (path.startsWith('/')) return { 'Fn::Sub': [`\${Arn}${path}`, { Arn: end.arn }] }
    return {
      'Fn::Sub': resource.includes('${DestinationName}') ? [resource, present({ DestinationName: destination.name })] : resource,
    }
  })
  return { Effect: 'Allow', Action: actions.split(' '), Resource }
}

const executionsOf = ({ ref: api, qualifier }: End): Json => ({
  'Fn::Sub': [
    'arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${SourceResourceId}/${SourceQualifier}',
    { SourceResourceId: api, SourceQualifier: qualifier ?? '*' },
  ],
})
