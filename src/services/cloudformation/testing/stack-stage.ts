/** A whole server, and its stacks as a client sees them. For tests. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { isArray, isObject, type Json, type JsonObject } from '../../../base/json.ts'

import { STACK_ACTIVITY, STACK_MACHINE_PREFIX } from '../../../base/stack-machines.ts'

import { parseXml, type XmlElement } from '../../../wire/xml.ts'
import { call } from '../../../aws/call.ts'
import { endpointsAt } from '../../../aws/endpoints.ts'
import { orThrow } from '../../../aws/failure.ts'
import { toQueryForm } from '../../../aws/query-form.ts'
import { FUNCTIONS_PATH } from '../../../aws/paths.ts'
import { SERVICES } from '../../../aws/services.ts'
import { type Aws, openAws, orUndefined } from '../../../cloudformation/aws.ts'
import { zipEntries } from '../../../cloudformation/zip.ts'
import { createRegente } from '../../../regente.ts'

export const ACCOUNT = '123456789012'
export const REGION = 'us-east-1'
const CLOUDFORMATION = { ...SERVICES.sns, signingName: 'cloudformation', host: 'cloudformation' }
const VERSION = '2010-05-15'
const ROLE = `arn:aws:iam::${ACCOUNT}:role/lambda`
const FORM = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }
const CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' }

export type Row = Readonly<Record<string, Json | undefined>>

export const machineOf = (stackName: string): string =>
  `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:${STACK_MACHINE_PREFIX}${stackName}`
export const ACTIVITY = `arn:aws:states:${REGION}:${ACCOUNT}:activity:${STACK_ACTIVITY}`

/** Stacks at an address. */
export class StackClient {
  readonly url: string
  readonly aws: Aws

  constructor(url: string) {
    this.url = url
    this.aws = openAws({ endpoint: url, region: REGION, credentials: CREDENTIALS })
  }

  /** The members of the result. All values are texts; lists that are empty are empty texts. */
  async call(action: string, input: JsonObject = {}): Promise<Row> {
    const endpoints = endpointsAt(() => ({ endpoint: this.url, region: REGION, credentials: CREDENTIALS }))
    const body = toQueryForm(action, VERSION, input)
    const { body: xml } = orThrow(await call(endpoints, CLOUDFORMATION, { headers: FORM, body }))
    const result = parseXml(xml.toString('utf8')).children.find(({ name }) => name === `${action}Result`)
    const value = result && jsonOf(result)
    return isObject(value) ? value : {}
  }

  /** What an action refuses, as its code and its words. */
  async refused(action: string, input: JsonObject = {}): Promise<string> {
    try {
      await this.call(action, input)
    } catch (error) {
      return error instanceof Error && 'code' in error ? `${error.code}: ${error.message}` : String(error)
    }
    return 'it is taken'
  }

  /** Begins it; most are over when it is answered. */
  create(StackName: string, template: JsonObject, more: JsonObject = {}): Promise<Row> {
    return this.call('CreateStack', { StackName, TemplateBody: JSON.stringify(template), ...more })
  }

  update(StackName: string, template: JsonObject, more: JsonObject = {}): Promise<Row> {
    return this.call('UpdateStack', { StackName, TemplateBody: JSON.stringify(template), ...more })
  }

  delete(StackName: string, more: JsonObject = {}): Promise<Row> {
    return this.call('DeleteStack', { StackName, ...more })
  }

  async stack(StackName: string): Promise<Row> {
    const [stack] = rowsAt(await this.call('DescribeStacks', { StackName }), 'Stacks')
    if (stack === undefined) throw new Error(`there is no stack ${StackName}`)
    return stack
  }

  /** The stack when nothing is done with it any more. */
  async settled(name: string, withinMs = 25_000): Promise<Row> {
    return this.when(name, (status) => !status.endsWith('_IN_PROGRESS'), withinMs)
  }

  async when(name: string, is: (status: string) => boolean, withinMs = 25_000): Promise<Row> {
    for (const end = Date.now() + withinMs; ; ) {
      const stack = await this.stack(name)
      if (is(String(stack['StackStatus']))) return stack
      if (Date.now() > end) throw new Error(`still ${stack['StackStatus']}:\n${(await this.events(name)).join('\n')}`)
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
  }

  /** When something is done with a resource, which waits: until then nobody has to wait for an answer. */
  async waitsFor(name: string, logicalId: string): Promise<void> {
    for (const end = Date.now() + 25_000; ; ) {
      const { [logicalId]: resource } = await this.resources(name).catch((): Readonly<Record<string, Row>> => ({}))
      if (String(resource?.['ResourceStatus']).endsWith('_IN_PROGRESS')) return
      if (Date.now() > end) throw new Error(`${logicalId} is ${resource?.['ResourceStatus']}`)
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
  }

  /** `CREATE_COMPLETE`, and the reason where there is one. */
  async status(name: string): Promise<string> {
    const { StackStatus, StackStatusReason } = await this.settled(name)
    return [StackStatus, StackStatusReason].filter((part) => part !== undefined).join(': ')
  }

  /** `Topic CREATE_COMPLETE: reason`, the oldest first; of the last operation when `since` tells how many there were. */
  async events(StackName: string, since = 0): Promise<readonly string[]> {
    const rows = await this.all('DescribeStackEvents', 'StackEvents', { StackName })
    return rows
      .toReversed()
      .slice(since)
      .map(({ LogicalResourceId, ResourceStatus, ResourceStatusReason: reason }) =>
        [`${LogicalResourceId} ${ResourceStatus}`, ...(reason === undefined ? [] : [reason])].join(': '),
      )
  }

  /** Physical ids and statuses, by logical ids. */
  async resources(StackName: string): Promise<Readonly<Record<string, Row>>> {
    const rows = await this.all('ListStackResources', 'StackResourceSummaries', { StackName })
    return Object.fromEntries(rows.map((row) => [String(row['LogicalResourceId']), row]))
  }

  async ref(stack: string, logicalId: string): Promise<string> {
    return String((await this.resources(stack))[logicalId]?.['PhysicalResourceId'])
  }

  async outputs(StackName: string): Promise<Row> {
    const outputs = rowsAt(await this.stack(StackName), 'Outputs')
    return Object.fromEntries(outputs.map(({ OutputKey, OutputValue }) => [String(OutputKey), OutputValue]))
  }

  /** All pages. */
  async all(action: string, list: string, input: JsonObject = {}): Promise<readonly Row[]> {
    const rows: Row[] = []
    for (let next: Json | undefined; ; ) {
      const page = await this.call(action, { ...input, ...(next !== undefined && { NextToken: next }) })
      rows.push(...rowsAt(page, list))
      next = page['NextToken']
      if (next === undefined || next === '') return rows
    }
  }

  /** What is there in the Parameter Store under a name. */
  async parameter(Name: string): Promise<string | undefined> {
    const found = await this.aws.json(SERVICES.ssm, 'GetParameter', { Name }).catch(() => undefined)
    const parameter = found?.['Parameter']
    return isObject(parameter) ? String(parameter['Value']) : undefined
  }

  /** Of the operations of a stack. */
  async executions(stackName: string, statusFilter = 'RUNNING'): Promise<readonly Row[]> {
    const input = { stateMachineArn: machineOf(stackName), statusFilter }
    const listed = await this.aws.json(SERVICES.sfn, 'ListExecutions', input).catch(() => ({}))
    return rowsAt(listed, 'executions')
  }

  /** A function that answers custom resources: `body` says `answer(...)` of an `event`. Its ARN; asked again it has the new body. */
  async answering(name: string, body: string): Promise<string> {
    const code = `exports.handler = async (event) => {
        const answer = (more) => fetch(event.ResponseURL, { method: 'PUT', body: JSON.stringify({
          Status: 'SUCCESS', PhysicalResourceId: event.PhysicalResourceId ?? 'thing', StackId: event.StackId,
          RequestId: event.RequestId, LogicalResourceId: event.LogicalResourceId, ...more }) })
        ${body}
      }`
    const zip = (await zipEntries([{ name: 'index.js', data: Buffer.from(code) }])).toString('base64')
    const settings = { FunctionName: name, Runtime: 'nodejs22.x', Handler: 'index.handler', Role: ROLE, Code: { ZipFile: zip } }
    const made = await orUndefined(this.aws.rest(SERVICES.lambda, 'POST', FUNCTIONS_PATH, settings), 'ResourceConflictException')
    if (made === undefined) await this.aws.rest(SERVICES.lambda, 'PUT', `${FUNCTIONS_PATH}/${name}/code`, { ZipFile: zip })
    return `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}`
  }

  /** Answers the handle of a wait condition, as a program outside would. */
  async signal(stack: string, handle: string, Status: 'SUCCESS' | 'FAILURE' = 'SUCCESS', Reason = 'told so'): Promise<void> {
    const url = await this.ref(stack, handle)
    const body = JSON.stringify({ Status, Reason, UniqueId: `id-${Date.now()}`, Data: 'data' })
    const answer = await fetch(url, { method: 'PUT', body })
    if (!answer.ok) throw new Error(`the signal was answered ${answer.status}`)
  }
}

function jsonOf({ children, text }: XmlElement): Json {
  if (children.length === 0) return text
  if (children.every(({ name }) => name === 'member')) return children.map(jsonOf)
  return Object.fromEntries(children.map((child) => [child.name, jsonOf(child)]))
}

export function rowsAt(answer: Row, name: string): readonly Row[] {
  const rows = answer[name]
  return isArray(rows) ? rows.filter(isObject) : []
}

export interface StackStage extends StackClient {
  close(): Promise<void>
}

export async function openStacks(): Promise<StackStage> {
  const directory = await mkdtemp(join(tmpdir(), 'regente-stacks-'))
  const server = createRegente({ port: 0, dataDirectory: directory, logLevel: 'silent', account: ACCOUNT })
  const { url } = await server.start()
  return Object.assign(new StackClient(url), {
    async close() {
      await server.stop()
      await rm(directory, { recursive: true, force: true })
    },
  })
}

// ---- templates

export const template = (Resources: JsonObject, more: JsonObject = {}): JsonObject => ({ Resources, ...more })

/** The cheapest resource that is really there: see `StackClient.parameter`. `Name` replaces it. */
export const parameter = (Value: Json, more: JsonObject = {}, attributes: JsonObject = {}): JsonObject => ({
  Type: 'AWS::SSM::Parameter',
  Properties: { Type: 'String', Value, ...more },
  ...attributes,
})

/** It fails when it is made. */
export const broken = (attributes: JsonObject = {}): JsonObject => ({
  Type: 'AWS::SSM::Parameter',
  Properties: { Type: 'String', Value: 'x', Name: '/bad name/' },
  ...attributes,
})

/** What a function answers for: see `StackClient.answering`. */
export const custom = (ServiceToken: string, properties: JsonObject = {}, attributes: JsonObject = {}): JsonObject => ({
  Type: 'Custom::Thing',
  Properties: { ServiceToken, ...properties },
  ...attributes,
})

/** It waits until its handle `${id}Handle` is told to go on. */
export const gate = (id: string, attributes: JsonObject = {}): JsonObject => ({
  [`${id}Handle`]: { Type: 'AWS::CloudFormation::WaitConditionHandle' },
  [id]: {
    Type: 'AWS::CloudFormation::WaitCondition',
    Properties: { Handle: { Ref: `${id}Handle` }, Timeout: '600' },
    ...attributes,
  },
})
