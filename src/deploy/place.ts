/** Where a value of a template stands: what globals put into a resource stands under Globals. */
import { getOwn, isObject, type Json } from '../base/json.ts'

import type { Problem } from './problem.ts'
import type { Template } from './template.ts'

/** By its keys from the root, `Resources` and the logical id first. */
export function placeIn(template: Template, path: readonly string[]): Pick<Problem, 'file' | 'position'> {
  const { file, resources, globals } = template
  const [section, id = '', , ...rest] = path
  const resource = section === 'Resources' ? resources.get(id) : undefined
  const group = /^AWS::Serverless::(\w+)$/.exec(resource?.type ?? '')?.[1]
  const isInherited = group !== undefined && !has(resource?.properties, rest) && has(getOwn(globals, group), rest)
  return { file, position: template.locate(isInherited ? ['Globals', group, ...rest] : path) }
}

const has = (value: Json | undefined, path: readonly string[]): boolean =>
  path.length > 0 && path.reduce<Json | undefined>((at, key) => (isObject(at) ? getOwn(at, key) : undefined), value) !== undefined
