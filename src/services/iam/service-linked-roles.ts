/**
 * Roles that a service makes for itself. Their name follows from the service's; nobody else changes them. A deletion is done at once.
 * Source: IAM user guide, "Using service-linked roles"; IAM API reference, CreateServiceLinkedRole; the names are those of AWS's
 * documentation of each service.
 */
import { randomUUID } from 'node:crypto'

import type { JsonObject } from '../../base/json.ts'

import { element, type Xml } from '../../wire/xml.ts'

import type { Entity } from './entity-store.ts'
import { invalidInput, noSuchEntity } from './errors.ts'
import type { Iam, Operations } from './iam.ts'
import { readName, readText, requireText } from './input.ts'
import { renderRole } from './render.ts'

const PATH = '/aws-service-role/'
const NAME_PREFIX = 'AWSServiceRoleFor'

/** Where the name does not follow from the principal's. */
const NAMES: ReadonlyMap<string, string> = new Map([
  ['autoscaling', 'AutoScaling'],
  ['cloudwatch-crossaccount', 'CloudWatchCrossAccount'],
  ['ecs', 'ECS'],
  ['eks', 'AmazonEKS'],
  ['eks-nodegroup', 'AmazonEKSNodegroup'],
  ['elasticache', 'ElastiCache'],
  ['elasticbeanstalk', 'ElasticBeanstalk'],
  ['elasticloadbalancing', 'ElasticLoadBalancing'],
  ['es', 'AmazonElasticsearchService'],
  ['events', 'CloudWatchEvents'],
  ['apidestinations.events', 'AmazonEventBridgeApiDestinations'],
  ['opensearchservice', 'AmazonOpenSearchService'],
  ['ops.apigateway', 'APIGateway'],
  ['rds', 'RDS'],
  ['replicator.lambda', 'LambdaReplicator'],
  ['spot', 'EC2Spot'],
  ['ssm', 'AmazonSSM'],
  ['dynamodb.application-autoscaling', 'ApplicationAutoScaling_DynamoDBTable'],
  ['ecs.application-autoscaling', 'ApplicationAutoScaling_ECSService'],
  ['lambda.application-autoscaling', 'ApplicationAutoScaling_LambdaConcurrency'],
])

export const isServiceLinked = ({ kind, path }: Entity): boolean => kind === 'role' && path.startsWith(PATH)

const nameOf = (service: string): string => {
  const principal = service.replace(/\.amazonaws\.com$/, '')
  const words = principal.split(/[.-]/).map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`)
  return `${NAME_PREFIX}${NAMES.get(principal) ?? words.join('')}`
}

export function serviceLinkedRoleOperations(iam: Iam): Operations {
  const { entities } = iam

  function create(input: JsonObject): Xml {
    const service = requireText(input, 'AWSServiceName', 128)
    if (!/^[a-z0-9-]+(?:\.[a-z0-9-]+)*\.amazonaws\.com$/.test(service))
      throw invalidInput(`Service principal ${service} is not valid.`)
    const suffix = readName(input, 'CustomSuffix', 64)
    const name = suffix === undefined ? nameOf(service) : `${nameOf(service)}_${suffix}`
    if (entities.find('role', name))
      throw invalidInput(`Service role name ${name} has been taken in this account, please try a different suffix.`)
    const statement = { Action: ['sts:AssumeRole'], Effect: 'Allow', Principal: { Service: [service] } }
    const document = JSON.stringify({ Version: '2012-10-17', Statement: [statement] })
    const description = readText(input, 'Description', 1000) ?? null
    const role = iam.create('role', { name, path: `${PATH}${service}/`, tags: new Map(), document, description })
    return element('Role', renderRole(role))
  }

  function remove(input: JsonObject): Xml {
    const role = iam.named('role', input)
    if (!isServiceLinked(role)) throw invalidInput(`Role ${role.name} is not a service-linked role.`)
    entities.remove(role)
    return element('DeletionTaskId', `task${role.path}${role.name}/${randomUUID()}`)
  }

  return [
    ['CreateServiceLinkedRole', create],
    ['DeleteServiceLinkedRole', remove],
    [
      'GetServiceLinkedRoleDeletionStatus',
      (input) => {
        const task = requireText(input, 'DeletionTaskId', 1000)
        if (!/^task\/aws-service-role\/.+\/[0-9a-f-]{36}$/.test(task)) throw noSuchEntity(`Deletion task ${task} not found.`)
        return element('Status', 'SUCCEEDED')
      },
    ],
  ]
}
