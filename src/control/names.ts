/** Which names AWS allows. Source: API reference, CreateStateMachine `name`. */
import { ServiceError } from './service-error.ts'

const REFUSED = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\u0000-\u001f\u007f-\u009f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])/

/** Throws InvalidName. */
export function checkName(name: string): void {
  if (name.length < 1 || name.length > 80 || REFUSED.test(name)) throw new ServiceError('InvalidName', `Invalid Name: '${name}'`)
}

const ROLE_ARN = /^arn:aws[\w-]*:iam::\d{12}:role\/\S+$/

/** Throws InvalidArn. Text: public reports of AWS's answer. Whether there is such a role nobody asks: IAM is not here. */
export function checkRoleArn(arn: string): void {
  if (!ROLE_ARN.test(arn)) throw new ServiceError('InvalidArn', `Invalid Role Arn: '${arn}'`)
}
