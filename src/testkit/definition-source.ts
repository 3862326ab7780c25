/** What a workflow is made of, as a test says it, and what comes of reading it. */
import type { DeclaredFunction } from './declared-function.ts'
import type { Substitutions } from './substitutions.ts'

export interface DefinitionSource {
  /** The definition itself, as an object. */
  readonly definition?: object
  /** A file that has it, or a template. */
  readonly file?: string
  /** A SAM or CloudFormation template, or the folder of one or of a CDK assembly: `./template.yaml`, `./cdk.out`. */
  readonly template?: string
  /** Which of the template's state machines: its logical id, or the path of its construct. */
  readonly resource?: string
  /** Of the template; what is not given has its default. */
  readonly parameters?: Readonly<Record<string, string | number | boolean>>
  /** For `${Name}` in it, before what the template says (DefinitionSubstitutions). */
  readonly substitutions?: Substitutions
}

export interface ReadDefinition {
  /** JSON text. */
  readonly definition: string
  /** What files named beside it are looked for from. */
  readonly folder: string
  /** As the template has it. */
  readonly type?: 'STANDARD' | 'EXPRESS'
  readonly resources?: DeclaredResources
}

/** What the template declares besides: a mock may name it by its logical id. */
export interface DeclaredResources {
  /** Logical id and constructs of a resource, by its ARN, URL or name. Empty where there is none of it. */
  namesOf(called: string): readonly string[]
  /** The code of a function by any of its names; undefined where there is none of it. Throws TestKitError where it cannot be found. */
  functionOf(called: string): DeclaredFunction | undefined
}
