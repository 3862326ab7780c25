/**
 * Stacks, resources, events and change sets as answers show them. Lists are there even where they are empty: clients want them.
 * Source: CloudFormation API reference, "Data types".
 */
import { isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'

import { element, optionalElement, type Xml, type XmlContent } from '../../wire/xml.ts'

import type { ChangeDetail, ResourceChange } from '../../cloudformation/changes.ts'

import { MASK } from './secrets.ts'
import type { ChangeSetRecord, ResourceRecord, StackEvent, StackOutput, StackParameter, StackRecord, Tag } from './records.ts'

export const timeOf = (ms: number): string => new Date(ms).toISOString()

export const list = (name: string, items: readonly XmlContent[]): Xml =>
  element(
    name,
    items.map((item) => element('member', item)),
  )

export function renderParameters(parameters: readonly StackParameter[]): Xml {
  return list(
    'Parameters',
    parameters.map(({ key, value, resolved, isSecret }) => [
      element('ParameterKey', key),
      element('ParameterValue', isSecret ? MASK : value),
      optionalElement('ResolvedValue', isSecret ? undefined : resolved),
    ]),
  )
}

export const renderTags = (tags: readonly Tag[]): Xml =>
  list(
    'Tags',
    tags.map(({ key, value }) => [element('Key', key), element('Value', value)]),
  )

const renderOutputs = (outputs: readonly StackOutput[]): Xml =>
  list(
    'Outputs',
    outputs.map(({ key, value, description, exportName }) => [
      element('OutputKey', key),
      element('OutputValue', value),
      optionalElement('Description', description),
      optionalElement('ExportName', exportName),
    ]),
  )

/** What a stack that is in review is to be is not what it is. */
export function renderStack(stack: StackRecord): readonly XmlContent[] {
  const settings = stack.status === 'REVIEW_IN_PROGRESS' ? undefined : (stack.target ?? stack.current)
  return [
    element('StackId', stack.id),
    element('StackName', stack.name),
    optionalElement('ChangeSetId', settings?.changeSetId),
    optionalElement('Description', settings?.description),
    renderParameters(settings?.parameters ?? []),
    element('CreationTime', timeOf(stack.createdMs)),
    optionalElement('DeletionTime', stack.deletedMs === undefined ? undefined : timeOf(stack.deletedMs)),
    optionalElement('LastUpdatedTime', stack.updatedMs === undefined ? undefined : timeOf(stack.updatedMs)),
    element('RollbackConfiguration'),
    element('StackStatus', stack.status),
    optionalElement('StackStatusReason', stack.reason),
    element('DisableRollback', settings?.disableRollback ?? false),
    list('NotificationARNs', settings?.notificationArns ?? []),
    optionalElement('TimeoutInMinutes', settings?.timeoutMinutes),
    list('Capabilities', settings?.capabilities ?? []),
    renderOutputs(stack.current?.outputs ?? []),
    optionalElement('RoleARN', settings?.roleArn),
    renderTags(settings?.tags ?? []),
    element('EnableTerminationProtection', stack.isProtected),
    optionalElement('ParentId', stack.parentId),
    optionalElement('RootId', stack.rootId),
    element('DriftInformation', element('StackDriftStatus', 'NOT_CHECKED')),
    list('LastOperations', lastOperations(stack)),
  ]
}

/** The name of an operation's execution is its id. */
const lastOperations = ({ operationId, status }: StackRecord): readonly XmlContent[] =>
  operationId === undefined ? [] : [[element('OperationType', operationTypeOf(status)), element('OperationId', operationId)]]

/** Source: CloudFormation API reference, OperationEntry. */
function operationTypeOf(status: StackRecord['status']): string {
  if (status.startsWith('UPDATE_ROLLBACK')) return 'CONTINUE_ROLLBACK'
  if (status.startsWith('UPDATE')) return 'UPDATE_STACK'
  if (status.startsWith('DELETE')) return 'DELETE_STACK'
  return status.startsWith('ROLLBACK') ? 'ROLLBACK' : 'CREATE_STACK'
}

export const renderSummary = (stack: StackRecord): readonly XmlContent[] => [
  element('StackId', stack.id),
  element('StackName', stack.name),
  optionalElement('TemplateDescription', (stack.target ?? stack.current)?.description),
  element('CreationTime', timeOf(stack.createdMs)),
  optionalElement('LastUpdatedTime', stack.updatedMs === undefined ? undefined : timeOf(stack.updatedMs)),
  optionalElement('DeletionTime', stack.deletedMs === undefined ? undefined : timeOf(stack.deletedMs)),
  element('StackStatus', stack.status),
  optionalElement('StackStatusReason', stack.reason),
  optionalElement('ParentId', stack.parentId),
  optionalElement('RootId', stack.rootId),
  element('DriftInformation', element('StackDriftStatus', 'NOT_CHECKED')),
]

const UNCHECKED = element('DriftInformation', element('StackResourceDriftStatus', 'NOT_CHECKED'))

const resourceIds = ({ logicalId, ref, type }: ResourceRecord): readonly XmlContent[] => [
  element('LogicalResourceId', logicalId),
  element('PhysicalResourceId', ref ?? ''),
  element('ResourceType', type),
]

const resourceStatus = ({ status, reason }: ResourceRecord): readonly XmlContent[] => [
  element('ResourceStatus', status),
  optionalElement('ResourceStatusReason', reason),
]

export const renderResource = (resource: ResourceRecord, { id, name }: StackRecord): readonly XmlContent[] => [
  element('StackName', name),
  element('StackId', id),
  ...resourceIds(resource),
  element('Timestamp', timeOf(resource.updatedMs)),
  ...resourceStatus(resource),
  UNCHECKED,
]

export const renderResourceDetail = (resource: ResourceRecord, { id, name }: StackRecord): readonly XmlContent[] => [
  element('StackName', name),
  element('StackId', id),
  ...resourceIds(resource),
  element('LastUpdatedTimestamp', timeOf(resource.updatedMs)),
  ...resourceStatus(resource),
  optionalElement(
    'Metadata',
    Object.keys(resource.detail.metadata).length > 0 ? JSON.stringify(resource.detail.metadata) : undefined,
  ),
  UNCHECKED,
]

export const renderResourceSummary = (resource: ResourceRecord): readonly XmlContent[] => [
  ...resourceIds(resource),
  element('LastUpdatedTimestamp', timeOf(resource.updatedMs)),
  ...resourceStatus(resource),
  UNCHECKED,
]

export const renderEvent = (event: StackEvent, { id, name }: StackRecord): readonly XmlContent[] => [
  element('StackId', id),
  element('EventId', event.eventId),
  element('StackName', name),
  element('LogicalResourceId', event.logicalId),
  element('PhysicalResourceId', event.physicalId),
  element('ResourceType', event.type),
  element('Timestamp', timeOf(event.atMs)),
  element('ResourceStatus', event.status),
  optionalElement('ResourceStatusReason', event.reason),
  optionalElement('ResourceProperties', event.properties),
  optionalElement('ClientRequestToken', event.clientToken),
  optionalElement('OperationId', event.operationId),
]

// ---- change sets

export const renderChangeSet = (
  changeSet: ChangeSetRecord,
  stack: StackRecord,
  changes: readonly JsonObject[],
  next?: string,
) => [
  element('ChangeSetName', changeSet.name),
  element('ChangeSetId', changeSet.id),
  element('StackId', stack.id),
  element('StackName', stack.name),
  optionalElement('Description', changeSet.description),
  renderParameters(changeSet.settings.parameters),
  element('CreationTime', timeOf(changeSet.createdMs)),
  element('ExecutionStatus', changeSet.execution),
  element('Status', changeSet.status),
  optionalElement('StatusReason', changeSet.reason),
  list('NotificationARNs', changeSet.settings.notificationArns),
  element('RollbackConfiguration'),
  list('Capabilities', changeSet.settings.capabilities),
  renderTags(changeSet.settings.tags),
  list('Changes', changes.map(renderJson)),
  optionalElement('NextToken', next),
  element('IncludeNestedStacks', changeSet.includesNested),
  optionalElement('OnStackFailure', changeSet.onStackFailure),
]

export const renderChangeSetSummary = (changeSet: ChangeSetRecord, stack: StackRecord): readonly XmlContent[] => [
  element('StackId', stack.id),
  element('StackName', stack.name),
  element('ChangeSetId', changeSet.id),
  element('ChangeSetName', changeSet.name),
  element('ExecutionStatus', changeSet.execution),
  element('Status', changeSet.status),
  optionalElement('StatusReason', changeSet.reason),
  element('CreationTime', timeOf(changeSet.createdMs)),
  optionalElement('Description', changeSet.description),
  element('IncludeNestedStacks', changeSet.includesNested),
]

/** As it is kept with the change set. */
export function changeShown(change: ResourceChange): JsonObject {
  const { action, id, type, ref, replacement, details } = change
  const scopes = [...new Set(details.map(({ attribute }) => attribute))]
  const isReplaced = replacement === 'True'
  return {
    Type: 'Resource',
    ResourceChange: {
      ...(action === 'Remove' || isReplaced ? { PolicyAction: isReplaced ? 'ReplaceAndDelete' : 'Delete' } : {}),
      Action: action,
      LogicalResourceId: id,
      ...(ref !== undefined && { PhysicalResourceId: ref }),
      ResourceType: type,
      ...(replacement !== undefined && { Replacement: replacement }),
      Scope: scopes,
      Details: details.map(detailShown),
    },
  }
}

const detailShown = ({ attribute, name, recreation, evaluation, before, after, cause }: ChangeDetail): JsonObject => ({
  Target: {
    Attribute: attribute,
    ...(name !== undefined && { Name: name, Path: `/Properties/${name}` }),
    RequiresRecreation: recreation,
    ...(before !== undefined && { BeforeValue: printed(before) }),
    ...(after !== undefined && { AfterValue: printed(after) }),
    ...(attribute === 'Properties' && {
      AttributeChangeType: before === undefined ? 'Add' : after === undefined ? 'Remove' : 'Modify',
    }),
  },
  Evaluation: evaluation,
  ChangeSource: cause === undefined ? 'DirectModification' : 'ResourceReference',
  ...(cause !== undefined && { CausingEntity: cause }),
})

const printed = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value))

/** Members as elements, lists as lists. */
function renderJson(value: Json): XmlContent {
  if (isArray(value)) return value.map((item) => element('member', renderJson(item)))
  if (isObject(value)) return Object.entries(value).map(([name, member]) => element(name, renderJson(member)))
  return value === null ? '' : String(value)
}
