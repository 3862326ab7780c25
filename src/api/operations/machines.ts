/** State machines, versions, aliases, tags, validation. */
import type { Described } from '../../control/state-machines.ts'
import type { Input } from '../input.ts'
import {
  isMetadataOnly,
  LONG_ARN,
  MACHINE_TYPES,
  pageOf,
  readEncryption,
  readLogging,
  readRoute,
  readTag,
  readTracing,
} from '../members.ts'
import type { InputOf } from '../model.ts'
import type { Operations } from '../operation.ts'
import { date, present, renderMachineSummary } from '../render.ts'

export const machineOperations = {
  async CreateStateMachine({ machines }, input) {
    const type = input.choice('type', MACHINE_TYPES)
    const versionDescription = input.optionalText('versionDescription', { max: 256 })
    const publish = input.flag('publish')
    const tags = input.list('tags', TAGS, readTag)
    const given = {
      name: input.text('name', { max: 80 }),
      definition: input.text('definition', input.bounds.definition),
      roleArn: input.text('roleArn'),
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
    const definition = input.optionalText('definition', input.bounds.definition)
    const roleArn = input.optionalText('roleArn', { min: 1, max: 256 })
    const publish = input.flag('publish')
    const versionDescription = input.optionalText('versionDescription', { max: 256 })
    const given = {
      stateMachineArn: input.text('stateMachineArn'),
      ...configurations(input),
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
    const isMetadata = isMetadataOnly(input)
    input.done()
    const described = await machines.describe(arn)
    const { machine, version } = described
    return present({
      ...renderRevision(described, isMetadata),
      stateMachineArn: arn,
      type: machine.type,
      status: machine.status,
      creationDate: date(version?.createdAt ?? machine.createdAt),
      description: version?.description,
    })
  },

  async ListStateMachines({ machines }, input) {
    const { limit, token } = pageOf(input)
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
    const definition = input.text('definition', input.bounds.definition)
    const type = input.choice('type', MACHINE_TYPES) ?? 'STANDARD'
    const severity = input.choice('severity', ['ERROR', 'WARNING']) ?? 'ERROR'
    const max = input.number('maxResults', { min: 0, max: 100 }) || 100
    input.done()
    const all = await machines.validate(definition, type)
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
    const { limit, token } = pageOf(input)
    input.done()
    const { rows, next } = await versions.list(arn, limit, token)
    const shown = rows.map(({ arn, createdAt }) => ({ stateMachineVersionArn: arn, creationDate: date(createdAt) }))
    return present({ stateMachineVersions: shown, nextToken: next })
  },

  async DeleteStateMachineVersion({ versions }, input) {
    const arn = input.text('stateMachineVersionArn', LONG_ARN)
    input.done()
    await versions.remove(arn)
    return {}
  },

  async CreateStateMachineAlias({ versions }, input) {
    const name = input.text('name', { max: 80 })
    const description = input.optionalText('description', { max: 256 })
    const routes = input.required('routingConfiguration', input.list('routingConfiguration', ROUTES, readRoute), [])
    input.done()
    const alias = await versions.createAlias(name, description, routes)
    return { stateMachineAliasArn: alias.arn, creationDate: date(alias.createdAt) }
  },

  async DescribeStateMachineAlias({ versions }, input) {
    const arn = input.text('stateMachineAliasArn')
    input.done()
    const alias = await versions.describeAlias(arn)
    return present({
      stateMachineAliasArn: alias.arn,
      name: alias.name,
      description: alias.description,
      routingConfiguration: JSON.parse(alias.routing),
      creationDate: date(alias.createdAt),
      updateDate: date(alias.updatedAt),
    })
  },

  async UpdateStateMachineAlias({ versions }, input) {
    const arn = input.text('stateMachineAliasArn')
    const description = input.optionalText('description', { max: 256 })
    const routes = input.list('routingConfiguration', ROUTES, readRoute)
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
    const { limit, token } = pageOf(input)
    input.done()
    const { rows, next } = await versions.listAliases(arn, limit, token)
    const shown = rows.map(({ arn, createdAt }) => ({ stateMachineAliasArn: arn, creationDate: date(createdAt) }))
    return present({ stateMachineAliases: shown, nextToken: next })
  },

  async TagResource({ tags }, input) {
    const arn = input.text('resourceArn')
    const given = input.required('tags', input.list('tags', TAGS, readTag), [])
    input.done()
    await tags.put(arn, given)
    return {}
  },

  async UntagResource({ tags }, input) {
    const arn = input.text('resourceArn')
    const keys = input.required('tagKeys', input.texts('tagKeys'), [])
    input.done()
    await tags.remove(arn, keys)
    return {}
  },

  async ListTagsForResource({ tags }, input) {
    const arn = input.text('resourceArn')
    input.done()
    return { tags: [...(await tags.list(arn))].map(([key, value]) => ({ key, value })) }
  },
} satisfies Partial<Operations>

const TAGS = { item: 'Tag' }
const ROUTES = { min: 1, max: 2, item: 'RoutingConfigurationListItem' }

function configurations(input: Input<InputOf<'CreateStateMachine'>> | Input<InputOf<'UpdateStateMachine'>>) {
  const given = input as Input<
    Pick<InputOf<'CreateStateMachine'>, 'loggingConfiguration' | 'tracingConfiguration' | 'encryptionConfiguration'>
  >
  const loggingConfiguration = given.nested('loggingConfiguration', readLogging)
  const tracingConfiguration = given.nested('tracingConfiguration', readTracing)
  const encryptionConfiguration = given.nested('encryptionConfiguration', readEncryption)
  return {
    ...(loggingConfiguration && { loggingConfiguration }),
    ...(tracingConfiguration && { tracingConfiguration }),
    ...(encryptionConfiguration && { encryptionConfiguration }),
  }
}

/** A configuration as it was checked when it was taken in. */
const parse = <T>(text: string | undefined, otherwise: T): T => (text === undefined ? otherwise : (JSON.parse(text) as T))

/** What DescribeStateMachine and DescribeStateMachineForExecution have in common. */
export function renderRevision({ machine, revision, label, definition, references }: Described, isMetadata: boolean) {
  const logging = parse<ReturnType<typeof readLogging>>(revision.loggingConfiguration, {})
  return {
    name: machine.name,
    roleArn: revision.roleArn,
    label,
    definition: isMetadata ? '{}' : definition,
    loggingConfiguration: {
      ...logging,
      level: logging.level ?? 'OFF',
      includeExecutionData: logging.includeExecutionData ?? false,
    },
    tracingConfiguration: parse<ReturnType<typeof readTracing>>(revision.tracingConfiguration, { enabled: false }),
    encryptionConfiguration: parse<ReturnType<typeof readEncryption>>(revision.encryptionConfiguration, {
      type: 'AWS_OWNED_KEY',
    }),
    revisionId: revision.revisionId,
    variableReferences: isMetadata || Object.keys(references).length === 0 ? undefined : references,
  }
}
