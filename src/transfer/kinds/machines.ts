/**
 * State machines with their definitions, settings and log groups. An alias comes along where it leads to what the machine is now:
 * what older versions were cannot be published again.
 * Source: Step Functions API reference, DescribeStateMachine, DescribeStateMachineAlias; CloudFormation, AWS::StepFunctions::*.
 */
import { isObject, type JsonObject } from '../../base/json.ts'

import { SERVICES } from '../../aws/services.ts'
import { listAt, numberAt, objectAt, requiredText, textAt, textsAt } from '../../cloudformation/resources/resource.ts'

import type { Inventory } from '../inventory.ts'
import { pagesOf, type Source } from '../source.ts'

export async function readMachines(source: Source, inventory: Inventory): Promise<void> {
  const ask = (token: object) => source.json(SERVICES.sfn, 'ListStateMachines', { ...token })
  for (const listed of await pagesOf(ask, 'stateMachines', ['nextToken', 'nextToken'])) {
    const [name, arn] = [requiredText(listed, 'name'), requiredText(listed, 'stateMachineArn')]
    await inventory.attempt('machines', name, () => readMachine(name, arn, source, inventory))
  }
}

async function readMachine(name: string, arn: string, source: Source, inventory: Inventory): Promise<void> {
  const machine = await source.json(SERVICES.sfn, 'DescribeStateMachine', { stateMachineArn: arn })
  const logging = objectAt(machine, 'loggingConfiguration') ?? {}
  const groups = groupsIn(logging)
  for (const group of groups) await readLogGroup(group, source, inventory)
  const key = textAt(objectAt(machine, 'encryptionConfiguration') ?? {}, 'kmsKeyId')
  if (key !== undefined) inventory.leave('machines', `${name}: its key`, 'keys are not copied; it is there without one')
  inventory.add({
    kind: 'machines',
    type: 'AWS::StepFunctions::StateMachine',
    name,
    properties: {
      StateMachineName: name,
      StateMachineType: textAt(machine, 'type') ?? 'STANDARD',
      RoleArn: requiredText(machine, 'roleArn'),
      DefinitionString: requiredText(machine, 'definition'),
      ...(groups.length > 0 && { LoggingConfiguration: loggingOf(logging, groups) }),
      ...(objectAt(machine, 'tracingConfiguration')?.['enabled'] === true && { TracingConfiguration: { Enabled: true } }),
      ...(await statesTagsOf(arn, source)),
    },
    known: { [arn]: 'Ref' },
  })
  await readAliases(name, arn, machine, source, inventory)
}

const groupsIn = (logging: JsonObject): readonly string[] =>
  listAt(logging, 'destinations').flatMap((one) => {
    const group = isObject(one) ? objectAt(one, 'cloudWatchLogsLogGroup') : undefined
    return group === undefined ? [] : [requiredText(group, 'logGroupArn')]
  })

const loggingOf = (logging: JsonObject, groups: readonly string[]): JsonObject => ({
  Level: textAt(logging, 'level') ?? 'OFF',
  IncludeExecutionData: logging['includeExecutionData'] === true,
  Destinations: groups.map((LogGroupArn) => ({ CloudWatchLogsLogGroup: { LogGroupArn } })),
})

/** A machine cannot log to a group that is not there. */
async function readLogGroup(arn: string, source: Source, inventory: Inventory): Promise<void> {
  const name = /:log-group:([^:]+)/.exec(arn)?.[1] ?? ''
  if (name === '' || inventory.found.some((one) => one.type === 'AWS::Logs::LogGroup' && one.name === name)) return
  await inventory.attempt('machines', `the log group ${name}`, async () => {
    const input = { logGroupNamePrefix: name, limit: 50 }
    const told = await source.json(SERVICES.cloudwatchlogs, 'DescribeLogGroups', input)
    const group = listAt(told, 'logGroups').find((one) => isObject(one) && textAt(one, 'logGroupName') === name)
    const days = isObject(group) ? numberAt(group, 'retentionInDays') : undefined
    const properties = { LogGroupName: name, ...(days !== undefined && { RetentionInDays: days }) }
    const known = { [`${arn.replace(/:\*$/, '')}:*`]: 'Arn' }
    inventory.add({ kind: 'machines', type: 'AWS::Logs::LogGroup', name, properties, known })
  })
}

async function readAliases(
  name: string,
  stateMachineArn: string,
  machine: JsonObject,
  source: Source,
  inventory: Inventory,
): Promise<void> {
  const ask = (token: object) => source.json(SERVICES.sfn, 'ListStateMachineAliases', { stateMachineArn, ...token })
  for (const listed of await pagesOf(ask, 'stateMachineAliases', ['nextToken', 'nextToken'])) {
    const arn = requiredText(listed, 'stateMachineAliasArn')
    const alias = await source.json(SERVICES.sfn, 'DescribeStateMachineAlias', { stateMachineAliasArn: arn })
    const [version, ...others] = listAt(alias, 'routingConfiguration').filter(isObject)
    const versionArn = version && requiredText(version, 'stateMachineVersionArn')
    const told = `${name}:${requiredText(alias, 'name')}`
    if (versionArn === undefined || others.length > 0 || !(await isNewest(versionArn, machine, source))) {
      inventory.leave('machines', told, 'it leads to an older version of the machine, and only what it is now is copied')
      continue
    }
    if (!inventory.found.some(({ known }) => known?.[versionArn] !== undefined))
      inventory.add({
        kind: 'machines',
        type: 'AWS::StepFunctions::StateMachineVersion',
        name: `${name}:${versionArn.split(':').at(-1)}`,
        properties: { StateMachineArn: stateMachineArn },
        known: { [versionArn]: 'Ref' },
      })
    const routing = { RoutingConfiguration: [{ StateMachineVersionArn: versionArn, Weight: 100 }] }
    inventory.add({
      kind: 'machines',
      type: 'AWS::StepFunctions::StateMachineAlias',
      name: told,
      properties: { Name: requiredText(alias, 'name'), ...descriptionOf(alias), ...routing },
      known: { [arn]: 'Ref' },
    })
  }
}

const descriptionOf = (alias: JsonObject): JsonObject => {
  const { description = '' } = textsAt(alias, ['description'])
  return description === '' ? {} : { Description: description }
}

async function isNewest(versionArn: string, machine: JsonObject, source: Source): Promise<boolean> {
  const version = await source.json(SERVICES.sfn, 'DescribeStateMachine', { stateMachineArn: versionArn })
  return ['definition', 'roleArn'].every((name) => textAt(version, name) === textAt(machine, name))
}

/** Also of an activity. */
export async function statesTagsOf(resourceArn: string, source: Source): Promise<JsonObject> {
  const tags = listAt(await source.json(SERVICES.sfn, 'ListTagsForResource', { resourceArn }), 'tags').filter(isObject)
  const own = tags.filter((tag) => textAt(tag, 'key')?.startsWith('aws:') !== true)
  if (own.length === 0) return {}
  return { Tags: own.map((tag) => ({ Key: requiredText(tag, 'key'), Value: textAt(tag, 'value') ?? '' })) }
}
