/**
 * How parameters may be named, and how a request names one: `name`, `name:3`, `name:label`, or an ARN with the same at its end.
 * Source: Systems Manager user guide, "Parameter name requirements and constraints".
 */
import { ssmError, validation } from './errors.ts'

/** A parameter, and which version of it: a number, a label, or the newest. */
export interface Reference {
  readonly name: string
  /** With the colon, as GetParameter gives it back. */
  readonly selector: string | undefined
}

const LEVELS_MAX = 15
const NAME_CHARS_MAX = 1011
const ALLOWED =
  'Parameter name: can\'t be prefixed with "ssm" (case-insensitive). If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_'

/** Throws what AWS says of a name that no parameter of a customer can have. */
export function checkName(name: string): void {
  if (/^\/aws\//i.test(name)) throw ssmError('AccessDeniedException', `No access to reserved parameter name: ${name}.`)
  if (/^\/?(?:aws|ssm)/i.test(name))
    throw validation(
      name.lastIndexOf('/') > 0 ? ALLOWED : 'Parameter name: can\'t be prefixed with "aws" or "ssm" (case-insensitive).',
    )
  if (!name.startsWith('/') && name.includes('/')) throw validation('Parameter name must be a fully qualified name.')
  if (!/^\/?[\w.-]+(?:\/[\w.-]+)*$/.test(name) || name.length > NAME_CHARS_MAX) throw validation(ALLOWED)
  if (name.split('/').length - 1 > LEVELS_MAX)
    throw ssmError(
      'HierarchyLevelLimitExceededException',
      `Hierarchy level exceeded. A hierarchy can have a maximum of ${LEVELS_MAX} levels.`,
    )
}

export function referenceOf(text: string): Reference {
  const [, path, name = text] = /^arn:[^:]*:ssm:[^:]*:\d{12}:parameter(\/)?(.+)$/.exec(text) ?? []
  const colon = name.indexOf(':')
  const bare = colon < 0 ? name : name.slice(0, colon)
  return {
    name: path !== undefined && bare.includes('/') ? `/${bare}` : bare,
    selector: colon < 0 ? undefined : name.slice(colon),
  }
}

export const parameterArn = ({ region, account }: { region: string; account: string }, name: string): string =>
  `arn:aws:ssm:${region}:${account}:parameter${name.startsWith('/') ? '' : '/'}${name}`

const PATH_TEXT =
  'The parameter doesn\'t meet the parameter name requirements. The parameter name must begin with a forward slash "/". It can\'t be prefixed with "aws" or "ssm" (case-insensitive). It must use only letters, numbers, or the following symbols: . (period), - (hyphen), _ (underscore). Special characters are not allowed. All sub-paths, if specified, must use the forward slash symbol "/". Valid example: /get/parameters2-/by1./path0_.'

/** With the slash at its end that what lies below has. */
export function readPath(path: string): string {
  if (!/^\/(?:[\w.-]+\/?)*$/.test(path)) throw validation(PATH_TEXT)
  return path.endsWith('/') ? path : `${path}/`
}
