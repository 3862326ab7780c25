/**
 * State machines, with their definitions (`../definition.ts`). An existing machine is updated when something differs.
 * Source: CloudFormation template reference, AWS::StepFunctions::StateMachine.
 */
import { stateMachineArn } from '../../base/arn.ts'
import { getOwn, isObject, type Json, type JsonObject } from '../../base/json.ts'
import { stableJson } from '../../base/stable-json.ts'

import { WireError } from '../../wire/errors.ts'
import { SERVICES } from '../../aws/services.ts'

import { orUndefined } from '../aws.ts'
import { type Definition, problemsOf, readDefinition } from '../definition.ts'
import { TemplateError } from '../problem.ts'
import {
  claim,
  type Declared,
  type DeployContext,
  type Deployed,
  physicalName,
  PropertyError,
  type ResourceType,
  roleArnOf,
  textAt,
} from './resource.ts'
import { changeStatesTags, encryptionOf, loggingOf, statesTags, tracingOf } from './state-machine-settings.ts'

export const stateMachine: ResourceType = {
  replacedBy: ['StateMachineName', 'StateMachineType'],
  async deploy(resource, context) {
    const { properties } = resource
    const name = textAt(properties, 'StateMachineName') ?? physicalName(context, resource.id, 80)
    const arn = stateMachineArn(context, name)
    const definition = await readDefinition(resource, context)
    const settings: JsonObject = {
      definition: definition.text,
      roleArn: roleArnOf(context, resource, 'RoleArn'),
      loggingConfiguration: loggingOf(properties),
      tracingConfiguration: tracingOf(properties),
      ...encryptionOf(resource),
    }
    const type = textAt(properties, 'StateMachineType') ?? 'STANDARD'
    const put = await putStateMachine(arn, name, type, settings, resource, context).catch((error: unknown) =>
      throwAtPlace(error, definition, resource.id, type, context),
    )
    const hasOtherTags = await changeStatesTags(resource, arn, context.aws)
    const change = hasOtherTags && put === 'unchanged' ? 'updated' : put
    const description = await context.aws.json(SERVICES.sfn, 'DescribeStateMachine', { stateMachineArn: arn })
    const revision = textAt(description, 'revisionId') ?? 'INITIAL'
    return { ref: arn, attributes: { Arn: arn, Name: name, StateMachineRevisionId: revision }, change }
  },
  async remove(ref, aws) {
    await orUndefined(aws.json(SERVICES.sfn, 'DeleteStateMachine', { stateMachineArn: ref }), 'StateMachineDoesNotExist')
    return undefined
  },
}

/** A definition that is refused is told as problems of its own file. */
async function throwAtPlace(
  error: unknown,
  definition: Definition,
  id: string,
  type: string,
  context: DeployContext,
): Promise<never> {
  const isInvalid = error instanceof WireError && error.code === 'InvalidDefinition'
  const problems = isInvalid ? await problemsOf(definition, id, type, context) : []
  throw problems.length > 0 ? new TemplateError(problems, { cause: error }) : error
}

async function putStateMachine(
  arn: string,
  name: string,
  type: string,
  settings: JsonObject,
  resource: Declared,
  context: DeployContext,
): Promise<Deployed['change']> {
  const { aws } = context
  const target = { stateMachineArn: arn }
  const described = aws.json(SERVICES.sfn, 'DescribeStateMachine', target)
  const found = claim(await orUndefined(described, 'StateMachineDoesNotExist'), resource, name, context)
  if (found === undefined) {
    await aws.json(SERVICES.sfn, 'CreateStateMachine', { name, type, ...settings, ...statesTags(resource.properties) })
    return 'created'
  }
  if (getOwn(found, 'type') !== type) {
    throw new PropertyError(
      `The state machine ${name} exists with the type ${String(found['type'])}; a type cannot be changed.`,
      'StateMachineType',
    )
  }
  if (Object.entries(settings).every(([key, value]) => isSame(key, found[key] ?? null, value))) return 'unchanged'
  await aws.json(SERVICES.sfn, 'UpdateStateMachine', { ...target, ...settings })
  return 'updated'
}

function isSame(key: string, found: Json, wanted: Json): boolean {
  if (key === 'definition') return found === wanted
  const withoutDefaults = (value: Json): Json =>
    isObject(value)
      ? Object.fromEntries(Object.entries(value).filter(([, member]) => member !== false && stableJson(member) !== '[]'))
      : value
  return stableJson(withoutDefaults(found)) === stableJson(withoutDefaults(wanted))
}
