/**
 * From where the functions of a stack have their code, so that a function whose folder alone has changed gets its code anew, and
 * nothing else of the stack is asked after.
 * Source: Lambda API reference, UpdateFunctionCode.
 */
import { stableJson } from '../base/stable-json.ts'

import { functionPath } from '../aws/paths.ts'
import { SERVICES } from '../aws/services.ts'
import type { Aws } from '../cloudformation/aws.ts'
import type { Code, Declared, DeployContext, LocalFiles } from '../cloudformation/resources/resource.ts'

import type { TemplateFolder } from './folder-context.ts'
import { readLocalCode } from './local-code.ts'
import { filesIn } from './local-files.ts'

export interface FunctionCode {
  readonly functionName: string
  /** Files and folders. */
  readonly sources: readonly string[]
  /** As it lies there now. Rejects with PropertyError for code that cannot be built. */
  read(): Promise<Code | undefined>
  /** What the function has in its environment because of its code. */
  readonly variables: Code['variables']
}

interface Taken extends Omit<FunctionCode, 'functionName'> {}

export class FunctionCodes {
  readonly #taken = new Map<string, Taken>()

  /** The files of a folder, with an eye on what is taken for whom. */
  filesIn(place: TemplateFolder): LocalFiles {
    return { ...filesIn(place), readCode: (resource, context) => this.#read(resource, context, place) }
  }

  /** Of a function by its logical id; undefined where its code is not of the folder. */
  of(id: string, functionName: string): FunctionCode | undefined {
    const taken = this.#taken.get(id)
    return taken && { ...taken, functionName }
  }

  async #read(resource: Declared, context: DeployContext, place: TemplateFolder): Promise<Code | undefined> {
    const sources = new Set<string>()
    const watch = (path: string): void => {
      sources.add(path)
      place.watch(path)
    }
    const read = () => readLocalCode(resource, { ...context, ...place, watch })
    const code = await read()
    if (code !== undefined) this.#taken.set(resource.id, { sources: [...sources], read, variables: code.variables })
    return code
  }
}

/** False where more than its code has to change: it has to be deployed. Throws WireError where Lambda refuses. */
export async function sendCode(code: FunctionCode, aws: Aws): Promise<boolean> {
  const found = await code.read()
  if (found === undefined || stableJson(found.variables) !== stableJson(code.variables)) return false
  const ZipFile = found.zip.toString('base64')
  await aws.rest(SERVICES.lambda, 'PUT', `${functionPath(code.functionName)}/code`, { ZipFile })
  return true
}
