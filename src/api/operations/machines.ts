/** State machines, versions, aliases, tags, validation. */
import { type JsonObject, getOwn } from '../../base/json.ts'

import type { RevisionRecord, StateMachineRecord } from '../../store/contract.ts'

import type { Route } from '../../control/versions.ts'
import type { Operation } from '../operation.ts'
import { type Answer, date, present, renderMachineSummary } from '../render.ts'

const DEFINITION = { min: 1, max: 1_048_576 }
const TYPES = ['STANDARD', 'EXPRESS'] as const

export const machineOperations = {
  async CreateStateMachine({ machines }, input) {
    const type = input.choice('type', TYPES)
    const versionDescription = input.optionalText('versionDescription', { max: 256 })
    const publish = input.flag('publish')
    const tags = input.tags()
    const given = {
      ...{
        name: input.text('name', { max: 80 }),
        definition: input.text('definition', DEFINITION),
        roleArn: input.text('roleArn'),
      },
      ...configurations(input),
      ...(type !== undefined && { type }),
      ...(versionDescription !== undefined && { versionDescription }),
      ...(publish !== undefined && { publish }),
      ...(tags && { tags }),
    }
    input.done()
    const { machine, versionArn } = await machines.create(given)
    return present({ stateMachineArn: machine.arn, creationDate: date(machine.createdAt), stateMachineVersionArn: versionArn })
  },

  async UpdateStateMachine({ machines }, input) {
    const definition = input.optionalText('definition', DEFINITION)
    const roleArn = input.optionalText('roleArn', { min: 1, max: 256 })
    const publish = input.flag('publish')
    const versionDescription = input.optionalText('versionDescription', { max: 256 })
    const given = {
      ...{ stateMachineArn: input.text('stateMachineArn'), ...configurations(input) },
      ...(definition !== undefined && { definition }),
      ...(roleArn !== undefined && { roleArn }),
      ...(publish !== undefined && { publish }),
      ...(versionDescription !== undefined && { versionDescription }),
    }
    input.done()
    const { updateDate, revisionId, versionArn } = await machines.update(given)
    return present({ updateDate: date(updateDate), revisionId, stateMachineVersionArn: versionArn })
  },

  async DescribeStateMachine({ machines }, input) {
    const arn = input.text('stateMachineArn')
    const isMetadata = input.choice('includedData', ['ALL_DATA', 'METADATA_ONLY']) === 'METADATA_ONLY'
    input.done()
    const { machine, revision, version } = await machines.resolve(arn)
    return present({
      ...renderRevision(machine, revision, machines.variableReferences(revision), isMetadata),
      stateMachineArn: arn,
      ...{ status: machine.status, creationDate: date(version?.createdAt ?? machine.createdAt) },
      ...{ revisionId: revision.revisionId, description: version?.description },
    })
  },

  async ListStateMachines({ machines }, input) {
    const { limit, token } = input.page()
    input.done()
    const { rows, next } = await machines.list(limit, token)
    return present({ stateMachines: rows.map(renderMachineSummary), nextToken: next })
  },

  async DeleteStateMachine({ machines }, input) {
    const arn = input.text('stateMachineArn')
    input.done()
    await machines.remove(arn)
    return {}
  },

  async ValidateStateMachineDefinition({ machines }, input) {
    const definition = input.text('definition', DEFINITION)
    const type = input.choice('type', TYPES) ?? 'STANDARD'
    const severity = input.choice('severity', ['ERROR', 'WARNING']) ?? 'ERROR'
    const max = input.number('maxResults', { min: 0, max: 100 }) || 100
    input.done()
    const all = machines.validate(definition, type)
    const shown = all.filter((diagnostic) => severity === 'WARNING' || diagnostic.severity === 'ERROR')
    return {
      result: all.some((diagnostic) => diagnostic.severity === 'ERROR') ? 'FAIL' : 'OK',
      diagnostics: shown
        .slice(0, max)
        .map(({ severity, code, message, location }) => present({ severity, code, message, location })),
      truncated: shown.length > max,
    }
  },

  async PublishStateMachineVersion({ versions }, input) {
    const arn = input.text('stateMachineArn')
    const revisionId = input.optionalText('revisionId')
    const description = input.optionalText('description', { max: 256 })
    input.done()
    const version = await versions.publish(arn, revisionId, description)
    return { creationDate: date(version.createdAt), stateMachineVersionArn: version.arn }
  },

  async ListStateMachineVersions({ versions }, input) {
    const arn = input.text('stateMachineArn')
    const { limit, token } = input.page()
    input.done()
    const { rows, next } = await versions.list(arn, limit, token)
    const shown = rows.map(({ arn, createdAt }) => ({ stateMachineVersionArn: arn, creationDate: date(createdAt) }))
    return present({ stateMachineVersions: shown, nextToken: next })
  },

  async DeleteStateMachineVersion({ versions }, input) {
    const arn = input.text('stateMachineVersionArn', { max: 2_000 })
    input.done()
    await versions.remove(arn)
    return {}
  },

  async CreateStateMachineAlias({ versions }, input) {
    const name = input.text('name', { max: 80 })
    const description = input.optionalText('description', { max: 256 })
    const routes = routesOf(input.objects('routingConfiguration')) ?? []
    input.done()
    const alias = await versions.createAlias(name, description, routes)
    return { stateMachineAliasArn: alias.arn, creationDate: date(alias.createdAt) }
  },

  async DescribeStateMachineAlias({ versions }, input) {
    const arn = input.text('stateMachineAliasArn')
    input.done()
    const alias = await versions.describeAlias(arn)
    return present({
      ...{ stateMachineAliasArn: alias.arn, name: alias.name, description: alias.description },
      ...{
        routingConfiguration: JSON.parse(alias.routing),
        creationDate: date(alias.createdAt),
        updateDate: date(alias.updatedAt),
      },
    })
  },

  async UpdateStateMachineAlias({ versions }, input) {
    const arn = input.text('stateMachineAliasArn')
    const description = input.optionalText('description', { max: 256 })
    const routes = routesOf(input.objects('routingConfiguration'))
    input.done()
    const alias = await versions.updateAlias(arn, description, routes)
    return { updateDate: date(alias.updatedAt) }
  },

  async DeleteStateMachineAlias({ versions }, input) {
    const arn = input.text('stateMachineAliasArn')
    input.done()
    await versions.removeAlias(arn)
    return {}
  },

  async ListStateMachineAliases({ versions }, input) {
    const arn = input.text('stateMachineArn')
    const { limit, token } = input.page()
    input.done()
    const { rows, next } = await versions.listAliases(arn, limit, token)
    const shown = rows.map(({ arn, createdAt }) => ({ stateMachineAliasArn: arn, creationDate: date(createdAt) }))
    return present({ stateMachineAliases: shown, nextToken: next })
  },

  async TagResource({ tags }, input) {
    const arn = input.text('resourceArn')
    const given = input.tags() ?? []
    input.done()
    await tags.put(arn, given)
    return {}
  },

  async UntagResource({ tags }, input) {
    const arn = input.text('resourceArn')
    const keys = input.texts('tagKeys') ?? []
    input.done()
    await tags.remove(arn, keys)
    return {}
  },

  async ListTagsForResource({ tags }, input) {
    const arn = input.text('resourceArn')
    input.done()
    return { tags: [...(await tags.list(arn))].map(([key, value]) => ({ key, value })) }
  },
} satisfies Record<string, Operation>

function configurations(input: Parameters<Operation>[1]) {
  const loggingConfiguration = input.object('loggingConfiguration')
  const tracingConfiguration = input.object('tracingConfiguration')
  const encryptionConfiguration = input.object('encryptionConfiguration')
  return {
    ...(loggingConfiguration && { loggingConfiguration }),
    ...(tracingConfiguration && { tracingConfiguration }),
    ...(encryptionConfiguration && { encryptionConfiguration }),
  }
}

const routesOf = (routes: readonly JsonObject[] | undefined): readonly Route[] | undefined =>
  routes?.map((route) => ({
    stateMachineVersionArn: String(getOwn(route, 'stateMachineVersionArn') ?? ''),
    weight: Number(getOwn(route, 'weight') ?? 0),
  }))

const parse = (text: string | undefined, otherwise: unknown): unknown => (text === undefined ? otherwise : JSON.parse(text))

/** What DescribeStateMachine and DescribeStateMachineForExecution have in common. */
export function renderRevision(
  machine: Pick<StateMachineRecord, 'name' | 'type'>,
  revision: RevisionRecord,
  references: Readonly<Record<string, readonly string[]>>,
  isMetadata: boolean,
): Answer {
  const logging = parse(revision.loggingConfiguration, {}) as { level?: string; includeExecutionData?: boolean }
  return present({
    ...{ name: machine.name, type: machine.type, roleArn: revision.roleArn },
    definition: isMetadata ? '{}' : revision.definition,
    loggingConfiguration: {
      ...logging,
      level: logging.level ?? 'OFF',
      includeExecutionData: logging.includeExecutionData ?? false,
    },
    tracingConfiguration: parse(revision.tracingConfiguration, { enabled: false }),
    encryptionConfiguration: parse(revision.encryptionConfiguration, { type: 'AWS_OWNED_KEY' }),
    variableReferences: isMetadata || Object.keys(references).length === 0 ? undefined : references,
  })
}
