/** Which names AWS allows. Source: API reference, CreateStateMachine `name`. */
import { ServiceError } from './service-error.ts'

const REFUSED = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\u0000-\u001f\u007f-\u009f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])/

/** Throws InvalidName. */
export function checkName(name: string): void {
  if (name.length < 1 || name.length > 80 || REFUSED.test(name)) throw new ServiceError('InvalidName', `Invalid Name: '${name}'`)
}
