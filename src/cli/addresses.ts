/** Where what a stack has is called: URLs of functions, APIs and queues, and the commands that start machines. */
import { stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import { getOwn, isObject, type Json } from '../base/json.ts'

import { SERVICES } from '../aws/services.ts'
import { openAws } from '../cloudformation/aws.ts'
import type { DeployedResource, DeployedStack } from '../deploy/deploy.ts'

import { arrayAt, type StatesApi, type Target } from './states-api.ts'

/** `ID  URL`, in the order of deployment. */
export async function addressesOf({ resources }: DeployedStack, target: Target): Promise<readonly string[]> {
  const found: (readonly [id: string, url: string])[] = []
  for (const resource of resources) for (const url of await urlsOf(resource, target)) found.push([resource.id, url])
  const width = Math.max(0, ...found.map(([id]) => id.length))
  return found.map(([id, url]) => `${id.padEnd(width)}  ${url}`)
}

async function urlsOf({ type, ref, attributes, change }: DeployedResource, target: Target): Promise<readonly string[]> {
  if (change === 'recorded') return []
  switch (type) {
    case 'AWS::Lambda::Url':
      return textsOf(getOwn(attributes, 'FunctionUrl'))
    case 'AWS::SQS::Queue':
      return [ref]
    case 'AWS::ApiGatewayV2::Api':
      return textsOf(getOwn(attributes, 'ApiEndpoint'))
    case 'AWS::ApiGateway::RestApi':
      return (await stagesOf(ref, target)).map(
        (stage) => `${target.endpoint.replace(/\/+$/, '')}/restapis/${ref}/${stage}/_user_request_`,
      )
    default:
      return []
  }
}

const textsOf = (value: Json | undefined): readonly string[] => (typeof value === 'string' ? [value] : [])

async function stagesOf(api: string, target: Target): Promise<readonly string[]> {
  const told = await openAws(target).rest(SERVICES.apigateway, 'GET', `/restapis/${encodeURIComponent(api)}/stages`)
  return arrayAt(told, 'item').flatMap((stage) => (isObject(stage) ? textsOf(getOwn(stage, 'stageName')) : []))
}

/** With the AWS CLI. */
export async function startCommands(stack: DeployedStack, api: StatesApi): Promise<readonly string[]> {
  const input = await inputFor(stack)
  const lines: string[] = []
  for (const ref of machinesOf([stack])) {
    const { type } = await api.call('DescribeStateMachine', { stateMachineArn: ref })
    const isExpress = type === 'EXPRESS'
    const start = isExpress ? 'start-sync-execution' : 'start-execution'
    lines.push(`aws stepfunctions ${start} --state-machine-arn ${ref} --input ${input}`)
    if (!isExpress) lines.push(`aws stepfunctions list-executions --state-machine-arn ${ref}`)
  }
  return lines
}

/** The example input that lies beside the template or a definition, as the AWS CLI takes it. */
async function inputFor({ sources }: DeployedStack): Promise<string> {
  const places = sources.flatMap((source) => [join(dirname(source), 'input.json'), join(dirname(source), 'events/event.json')])
  for (const place of places) if ((await stat(place).catch(() => undefined))?.isFile() === true) return quoted(`file://${place}`)
  return "'{}'"
}

/** For a shell. */
const quoted = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`)

export const machinesOf = (stacks: readonly DeployedStack[]): readonly string[] =>
  refsOf(stacks, /::(?:Serverless|StepFunctions)::StateMachine$/)
export const functionsOf = (stacks: readonly DeployedStack[]): readonly string[] =>
  refsOf(stacks, /::(?:Serverless|Lambda)::Function$/)

const refsOf = (stacks: readonly DeployedStack[], type: RegExp): readonly string[] =>
  stacks.flatMap(({ resources }) => resources.filter((resource) => type.test(resource.type)).map(({ ref }) => ref))
