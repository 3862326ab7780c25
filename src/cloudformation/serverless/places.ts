/** Where a value of a transformed template stands in the one that was written: under another name, or in the globals. */
import { getOwn, isObject, type Json } from '../../base/json.ts'

import type { ResourceDeclaration, Template } from '../template/template.ts'
import { groupOf } from './globals.ts'

/** What SAM calls the properties of CloudFormation. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  BodyS3Location: ['DefinitionUri'],
  Body: ['DefinitionBody'],
  Code: ['CodeUri', 'InlineCode', 'ImageUri'],
  Content: ['ContentUri'],
  DeadLetterConfig: ['DeadLetterQueue'],
  DefinitionS3Location: ['DefinitionUri'],
  LoggingConfiguration: ['Logging'],
  RoleArn: ['Role'],
  StateMachineName: ['Name'],
  StateMachineType: ['Type'],
  TemplateURL: ['Location'],
  TracingConfig: ['Tracing'],
  TracingConfiguration: ['Tracing'],
}

export function placesOf(template: Template, declared: readonly ResourceDeclaration[]): Template['locate'] {
  const written = new Map(declared.map((resource) => [resource.id, resource] as const))
  return (path) => {
    const [section, id = '', members, property = '', ...rest] = path
    const resource = section === 'Resources' && members === 'Properties' ? written.get(id) : undefined
    const group = resource && groupOf(resource)
    if (resource === undefined || group === undefined) return template.locate(path)
    const own = template.resources.get(id)?.properties ?? {}
    const name = [property, ...(NAMES[property] ?? [])].find((one) => has(resource.properties, [one])) ?? property
    const isInherited = property !== '' && !has(own, [name, ...rest]) && has(resource.properties, [name, ...rest])
    return template.locate(isInherited ? ['Globals', group, name, ...rest] : [section ?? '', id, members ?? '', name, ...rest])
  }
}

const has = (value: Json, path: readonly string[]): boolean =>
  path.reduce<Json | undefined>((at, key) => (isObject(at) ? getOwn(at, key) : undefined), value) !== undefined
