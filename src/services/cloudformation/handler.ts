/** CloudFormation's door: the Query protocol over tables of actions, and how the parts of the service meet. */
import { createAwsQueryHandler, type QueryOperation } from '../../wire/aws-query.ts'
import type { Handler } from '../../wire/http.ts'
import { endpointsAt } from '../../aws/endpoints.ts'
import { apiOf } from '../../aws/operations.ts'

import { awsAt } from '../../cloudformation/aws.ts'
import { resourceTypeNamed, resourceTypeNames } from '../../cloudformation/resources/index.ts'
import { placeholder } from '../../cloudformation/resources/placeholder.ts'
import type { ResourceType } from '../../cloudformation/resources/resource.ts'

import type { ServiceDeps } from '../kit/service-deps.ts'

import { changeSetActions } from './change-set-actions.ts'
import { CUSTOM_RESOURCE, customResource, isCustomType } from './custom-resource.ts'
import { registryActions } from './registry-actions.ts'
import { StackEvents } from './events.ts'
import { nestedStack } from './nested-stack.ts'
import { Notifications } from './notifications.ts'
import { Operations } from './operations.ts'
import type { PreparationDeps } from './preparation.ts'
import { readActions } from './read-actions.ts'
import { createResponseDoor, isResponseDoor } from './response-door.ts'
import { ResponseLinks } from './response-links.ts'
import { SignalLinks } from './signal-links.ts'
import { type ActionDeps, stackActions } from './stack-actions.ts'
import { type StackResourceReader, stackResourcesIn } from './stack-resources.ts'
import { StackModels } from './stack-models.ts'
import { StackSteps } from './stack-steps.ts'
import { StackStore } from './stack-store.ts'
import { Stacks } from './stacks.ts'
import type { StackTask } from './stack-task.ts'
import { ResourceSteps } from './steps.ts'
import type { TemplateSource } from './template-source.ts'
import { waitCondition, waitConditionHandle } from './wait-condition.ts'

const NAMESPACE = 'http://cloudformation.amazonaws.com/doc/2010-05-15/'

type TypeOfTask = (task: StackTask, signal: AbortSignal) => ResourceType

export interface CloudFormationDeps extends ServiceDeps {
  readonly source: TemplateSource
}

export interface CloudFormation {
  readonly handler: Handler
  operations(): Iterable<string>
  /** Those that are more than kept by their name. */
  resourceTypes(): Iterable<string>
  readonly stackResources: StackResourceReader
  /** Carries on with what an earlier process left undone. */
  resume(): void
  close(): Promise<void>
}

export function createCloudFormation(deps: CloudFormationDeps): CloudFormation {
  const { database, clock, region, account, endpoint, publicUrl, credentials, log, seal, source } = deps
  const endpoints = endpointsAt(() => ({ endpoint: endpoint(), region, credentials: credentials?.() }))
  const aws = awsAt(endpoints)
  const store = new StackStore(database, clock)
  const notifications = new Notifications({ database, clock, log, account, region, endpoint, credentials })
  const events = new StackEvents(store, clock, notifications)
  const models = new StackModels({ store, region, account })
  const preparation: PreparationDeps = { aws, models, source }

  const links = new ResponseLinks({ database, clock, seal })
  const signals = new SignalLinks({ database, clock })
  const urlBase = () => (publicUrl ?? endpoint)()

  const customType: TypeOfTask = (task, signal) => customResource(task, { links, endpoints, clock, urlBase, signal })
  /** Those that wait for somebody, or are stacks themselves. */
  const ownTypes: ReadonlyMap<string, TypeOfTask> = new Map<string, TypeOfTask>([
    [CUSTOM_RESOURCE, customType],
    ['AWS::CloudFormation::Stack', (task, signal) => nestedStack(task, signal, { store, stacks, operations, preparation })],
    ['AWS::CloudFormation::WaitConditionHandle', (task) => waitConditionHandle(task, { signals, urlBase })],
    ['AWS::CloudFormation::WaitCondition', (task, signal) => waitCondition(task, { signals, clock, signal })],
  ])

  function typeFor(task: StackTask, signal: AbortSignal): ResourceType {
    const { resourceType } = task
    const own = isCustomType(resourceType) ? customType : ownTypes.get(resourceType)
    return own?.(task, signal) ?? resourceTypeNamed(resourceType) ?? placeholder
  }

  const operations: Operations = new Operations({
    store,
    resourceSteps: new ResourceSteps({ store, events, models, aws, region, account, log, typeFor }),
    stackSteps: new StackSteps({ store, events, models, region, account, clock }),
    endpoints,
    region,
    account,
    clock,
    log,
    onOver: ({ id }) => links.forget(id),
  })
  const stacks = new Stacks({ store, events, operations, region, account, clock })
  const actions: ActionDeps = { store, stacks, operations, preparation }
  const table = new Map<string, QueryOperation>([
    ...stackActions(actions),
    ...changeSetActions({ ...actions, region, account, clock }),
    ...readActions(actions),
    ...registryActions({ region }),
  ])
  const api = createAwsQueryHandler(table, {
    namespace: NAMESPACE,
    log,
    internalCode: 'InternalFailure',
    aws: apiOf('cloudformation'),
  })
  const door = createResponseDoor({ links, signals, log })
  return {
    handler: (req, res) => (isResponseDoor(req) ? door(req, res) : api(req, res)),
    operations: () => table.keys(),
    stackResources: stackResourcesIn(store),
    resourceTypes: () => [...ownTypes.keys(), ...resourceTypeNames()],
    resume() {
      notifications.resume()
      operations.resume()
    },
    async close() {
      await operations.close()
      notifications.close()
    },
  }
}
