/**
 * The Query protocol from the client's side: parameters to a form, and the result's XML back to JSON.
 * Maps, lists, numbers and flags are told apart by name, for the services that still speak it to us (SNS, STS, IAM, CloudFormation).
 * Source: Smithy, "AWS Query protocol".
 */
import { isArray, isObject, type Json, type JsonObject, setOwn } from '../base/json.ts'

import { parseXml, type XmlElement } from '../wire/xml.ts'

/** Members whose value is a map, with the names of its entries' two halves. */
const MAPS: ReadonlyMap<string, readonly [string, string]> = new Map([
  ['Attributes', ['key', 'value']],
  ['attributes', ['key', 'value']],
  ['MessageAttributes', ['Name', 'Value']],
  ['SummaryMap', ['key', 'value']],
])
const LISTS = new Set([
  'Topics',
  'Subscriptions',
  'Tags',
  'Successful',
  'Failed',
  'PhoneNumbers',
  'PlatformApplications',
  'Endpoints',
  'AccessKeyMetadata',
  'AccountAliases',
  'AttachedPolicies',
  'ClientIDList',
  'Groups',
  'InstanceProfiles',
  'OpenIDConnectProviderList',
  'Policies',
  'PolicyGroups',
  'PolicyNames',
  'PolicyRoles',
  'PolicyUsers',
  'PrivateKeyList',
  'Roles',
  'SAMLProviderList',
  'ThumbprintList',
  'Users',
  'Versions',
  'Capabilities',
  'Changes',
  'DeclaredTransforms',
  'Exports',
  'Imports',
  'NotificationARNs',
  'Outputs',
  'Parameters',
  'ResourceTypes',
  'StackEvents',
  'StackResourceSummaries',
  'StackResources',
  'StackSummaries',
  'Stacks',
  'StagesAvailable',
  'Summaries',
])
const BOOLEANS = new Set([
  'SenderFault',
  'IsOptedOut',
  'IsInSandbox',
  'isOptedOut',
  'DisableRollback',
  'EnableTerminationProtection',
  'IncludeNestedStacks',
  'NoEcho',
  'IsTruncated',
  'IsDefaultVersion',
  'IsAttachable',
  'PasswordResetRequired',
  'RequireSymbols',
  'RequireNumbers',
  'RequireUppercaseCharacters',
  'RequireLowercaseCharacters',
  'AllowUsersToChangePassword',
  'ExpirePasswords',
  'HardExpiry',
])
const NUMBERS = new Set([
  'AttachmentCount',
  'PermissionsBoundaryUsageCount',
  'MaxSessionDuration',
  'PackedPolicySize',
  'MinimumPasswordLength',
  'MaxPasswordAge',
  'PasswordReusePrevention',
])
/** Members whose value is a map of numbers. */
const NUMBER_MAPS = new Set(['SummaryMap'])

export function toQueryForm(action: string, version: string, parameters: JsonObject): string {
  const form = new URLSearchParams({ Action: action, Version: version })
  for (const [name, value] of Object.entries(parameters)) flatten(form, name, name, value)
  return form.toString()
}

function flatten(form: URLSearchParams, path: string, name: string, value: Json): void {
  if (value === null) return
  if (isArray(value)) {
    value.forEach((item, index) => {
      flatten(form, `${path}.member.${index + 1}`, '', item)
    })
    return
  }
  if (!isObject(value)) {
    form.append(path, String(value))
    return
  }
  const map = MAPS.get(name)
  Object.entries(value).forEach(([key, member], index) => {
    if (!map) {
      flatten(form, `${path}.${key}`, key, member)
      return
    }
    const entry = `${path}.entry.${index + 1}`
    form.append(`${entry}.${map[0]}`, key)
    flatten(form, `${entry}.${map[1]}`, '', isObject(member) || typeof member === 'string' ? member : JSON.stringify(member))
  })
}

/** The members of `<ActionResult>`; nothing where there is none. */
export function readQueryResult(action: string, xml: string): JsonObject {
  const result = parseXml(xml).children.find(({ name }) => name === `${action}Result`)
  return result ? readStructure(result) : {}
}

function readStructure(element: XmlElement): JsonObject {
  const members: Record<string, Json> = {}
  for (const child of element.children) setOwn(members, child.name, readValue(child))
  return members
}

function readValue(element: XmlElement): Json {
  const { name, children, text } = element
  if (LISTS.has(name)) return children.map((child) => (child.children.length === 0 ? child.text : readStructure(child)))
  if (MAPS.has(name)) return readMap(element)
  if (children.length > 0) return readStructure(element)
  if (NUMBERS.has(name)) return Number(text)
  return BOOLEANS.has(name) ? text === 'true' : text
}

function readMap(element: XmlElement): JsonObject {
  const map: Record<string, Json> = {}
  const leaf = (text: string) => (NUMBER_MAPS.has(element.name) ? Number(text) : text)
  for (const { children } of element.children) {
    const [key, value] = children
    if (key && value) setOwn(map, key.text, value.children.length === 0 ? leaf(value.text) : readStructure(value))
  }
  return map
}
