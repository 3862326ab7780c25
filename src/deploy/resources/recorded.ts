/**
 * Types that only grant or shape permissions. They are accepted and have names and ARNs, so that others can refer to them;
 * the endpoint asks nobody for permission.
 */
import { type Declared, type DeployContext, type Deployed, physicalName, type ResourceType, textAt } from './resource.ts'

const KINDS: Readonly<Record<string, { readonly name: string; readonly path: string } | undefined>> = {
  'AWS::IAM::Role': { name: 'RoleName', path: 'role' },
  'AWS::IAM::User': { name: 'UserName', path: 'user' },
  'AWS::IAM::Group': { name: 'GroupName', path: 'group' },
  'AWS::IAM::InstanceProfile': { name: 'InstanceProfileName', path: 'instance-profile' },
  'AWS::IAM::ManagedPolicy': { name: 'ManagedPolicyName', path: 'policy' },
}
/** `Ref` gives their ARN instead of their name. */
const REFERRED_BY_ARN = new Set(['AWS::IAM::ManagedPolicy'])

export const recorded: ResourceType = {
  deploy: (resource, context) => Promise.resolve(record(resource, context)),
}

function record({ id, type, properties }: Declared, context: DeployContext): Deployed {
  const kind = KINDS[type]
  const name = (kind === undefined ? undefined : textAt(properties, kind.name)) ?? physicalName(context, id, 64)
  if (kind === undefined) return { ref: name, attributes: { Id: name }, change: 'recorded' }
  const path = (textAt(properties, 'Path') ?? '/').replace(/^\/?/, '/').replace(/\/?$/, '/')
  const arn = `arn:${context.partition}:iam::${context.account}:${kind.path}${path}${name}`
  return {
    ref: REFERRED_BY_ARN.has(type) ? arn : name,
    attributes: { Arn: arn, RoleId: 'AROAREGENTE', PolicyArn: arn },
    change: 'recorded',
  }
}
