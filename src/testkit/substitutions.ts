/**
 * `${Name}` in a definition. CloudFormation puts the values in as text, before anything is parsed; so it is here.
 * Source: CloudFormation template reference, AWS::StepFunctions::StateMachine, DefinitionSubstitutions.
 */
import { TestKitError } from './kit-error.ts'

export type Substitutions = Readonly<Record<string, string | number | boolean>>

const PLACEHOLDER = /\$\{([\w.:-]+)\}/g

/** `isJson`: a value stays within the text that it is put into. */
export function substituted(text: string, substitutions: Substitutions, isJson: boolean): string {
  return text.replaceAll(PLACEHOLDER, (whole, name: string) => {
    const value = Object.hasOwn(substitutions, name) ? String(substitutions[name]) : undefined
    if (value === undefined) return whole
    return isJson ? JSON.stringify(value).slice(1, -1) : value
  })
}

/** Throws TestKitError, with the names, where `definition` has some that nobody gives. `where`: whose it is. */
export function requireAll(definition: string, substitutions: Substitutions, where: string): void {
  const names = [...new Set([...definition.matchAll(PLACEHOLDER)].map(([, name = '']) => name))].filter(
    // A value may be what it stands for: what is to stay as it is.
    (name) => !Object.hasOwn(substitutions, name),
  )
  if (names.length === 0) return
  const given = names.map((name) => `${/^[A-Za-z_]\w*$/.test(name) ? name : `'${name}'`}: '…'`).join(', ')
  throw new TestKitError(
    `${where} has ${names.map((name) => `\${${name}}`).join(', ')}, and nothing says what to put there. Say it: workflow({ …, substitutions: { ${given} } }), or name the template that does: workflow({ template: './template.yaml' }).`,
  )
}

/** Throws TestKitError. `where`: whose definition it is. */
export function requireNoTemplate(
  { resource, parameters }: { readonly resource?: unknown; readonly parameters?: unknown },
  where: string,
): void {
  if (resource !== undefined || parameters !== undefined)
    throw new TestKitError(`${where} is a definition, no template: it has no resource, and takes no parameters.`)
}
