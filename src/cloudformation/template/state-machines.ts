/** The state machines that a template declares, SAM's or CloudFormation's, and by what they are named. */
import { getOwn } from '../../base/json.ts'

import type { ResourceDeclaration, Template } from './template.ts'

export const stateMachinesIn = (template: Pick<Template, 'resources'>): readonly ResourceDeclaration[] =>
  [...template.resources.values()].filter(({ type }) => /^AWS::(?:Serverless|StepFunctions)::StateMachine$/.test(type))

/**
 * The constructs of a CDK app that a resource is of, from the whole path to the last id: `Orders/Machine`, `Machine`. None where CDK
 * has not made it.
 * Source: CDK developer guide, "Construct paths".
 */
export function constructsOf({ metadata }: Pick<ResourceDeclaration, 'metadata'>): readonly string[] {
  const path = getOwn(metadata, 'aws:cdk:path')
  if (typeof path !== 'string') return []
  const ids = path.split('/')
  // What a construct makes of its own is its child of that name.
  if (ids.length > 1 && ['Resource', 'Default'].includes(ids.at(-1) ?? '')) ids.pop()
  return [...ids.keys()].map((from) => ids.slice(from).join('/'))
}
