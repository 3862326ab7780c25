/** The transforms that a template asks for. Source: CloudFormation user guide, "Transform". */
import { getOwn, isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'

export const SERVERLESS = 'AWS::Serverless-2016-10-31'
export const LANGUAGE_EXTENSIONS = 'AWS::LanguageExtensions'
export const INCLUDE = 'AWS::Include'

/** In the order in which they are written. */
export function declaredIn(root: JsonObject): readonly Json[] {
  const given = getOwn(root, 'Transform') ?? []
  return isArray(given) ? given : [given]
}

export const nameOf = (transform: Json): string => String(isObject(transform) ? (getOwn(transform, 'Name') ?? '') : transform)

export const isDeclared = (root: JsonObject, name: string): boolean =>
  declaredIn(root).some((transform) => nameOf(transform) === name)
