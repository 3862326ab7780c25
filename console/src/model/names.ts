/** The name of a machine, an alias or an execution, judged as it is typed: which rule it breaks, as the key of what is told. */
const CHARS_MAX = 80
/** Source: API reference, CreateStateMachine, `name`. */
const REFUSED = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}\uD800-\uDFFF\uFFFE\uFFFF]/u

export type NameProblem = 'nameMissing' | 'nameTooLong' | 'nameRefused'

export function nameProblem(name: string): NameProblem | undefined {
  if (name === '') return 'nameMissing'
  if (name.length > CHARS_MAX) return 'nameTooLong'
  return REFUSED.test(name) ? 'nameRefused' : undefined
}
