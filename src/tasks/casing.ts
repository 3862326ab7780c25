/**
 * Names between Step Functions, which shows all members in PascalCase, and services that want them otherwise.
 */
import { isArray, isObject, type Json, setOwn } from '../base/json.ts'

export const pascal = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1)
export const camel = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1)

/** As the Java SDK, and so Step Functions, spells a name: `DynamoDB` is `DynamoDb`, `DBClusters` is `DbClusters`. */
export const javaName = (name: string): string =>
  name.replace(/[A-Z]{2,}(?=[A-Z][a-z]|\d|$)/g, (run) => run.charAt(0) + run.slice(1).toLowerCase())

/** Renames the members of all objects inside. `keeps` names members whose own keys are data, not names (maps). */
export function renameMembers(value: Json, rename: (name: string) => string, keeps: ReadonlySet<string>): Json {
  if (isArray(value)) return value.map((item) => renameMembers(item, rename, keeps))
  if (!isObject(value)) return value
  const renamed: Record<string, Json> = {}
  for (const [name, member] of Object.entries(value)) {
    const isMap = keeps.has(name.toLowerCase()) && isObject(member)
    setOwn(renamed, rename(name), isMap ? member : renameMembers(member, rename, keeps))
  }
  return renamed
}
