/** Reads the ways to name a function: name, name:qualifier, account:function:name, or an ARN with or without a qualifier. */
import { constraintError } from './errors.ts'

export interface FunctionName {
  readonly name: string
  readonly qualifier?: string
}

const PATTERN =
  /^(arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}(-gov)?-[a-z]+-\d:)?(\d{12}:)?(function:)?([a-zA-Z0-9-_]+)(:(\$LATEST|[a-zA-Z0-9-_]+))?$/
const SHOWN =
  'Member must satisfy regular expression pattern: (arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}(-gov)?-[a-z]+-\\d{1}:)?(\\d{12}:)?(function:)?([a-zA-Z0-9-_]+)(:(\\$LATEST|[a-zA-Z0-9-_]+))?'

export function parseFunctionName(text: string): FunctionName {
  const match = text.length <= 200 ? PATTERN.exec(text) : null
  const name = match?.[7]
  if (name === undefined) throw constraintError(text.slice(0, 300), 'functionName', SHOWN)
  if (name.length > 64) throw constraintError(name, 'functionName', 'Member must have length less than or equal to 64')
  return { name, ...(match?.[9] !== undefined && { qualifier: match[9] }) }
}
