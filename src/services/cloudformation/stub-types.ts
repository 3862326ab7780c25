/** Which types are nothing but a name here. */
import { resourceTypeNamed } from '../../cloudformation/resources/index.ts'

/** Those that the service itself makes, besides `Custom::*`. */
const OWN: ReadonlySet<string> = new Set([
  'AWS::CloudFormation::CustomResource',
  'AWS::CloudFormation::Stack',
  'AWS::CloudFormation::WaitCondition',
  'AWS::CloudFormation::WaitConditionHandle',
])
/** CDK's own, whose function does nothing but call a service that is not here: EC2. */
const OF_OTHER_SERVICES: ReadonlySet<string> = new Set(['Custom::VpcRestrictDefaultSG'])
/** What changes nothing anywhere, on AWS neither: nothing is told of it. */
const SILENT: ReadonlySet<string> = new Set(['AWS::CDK::Metadata'])

/** Whether its service token is asked for it. */
export const isAsked = (type: string): boolean => type.startsWith('Custom::') && !OF_OTHER_SERVICES.has(type)

export const isStub = (type: string): boolean => !isAsked(type) && !OWN.has(type) && resourceTypeNamed(type) === undefined

export const isToldStub = (type: string): boolean => isStub(type) && !SILENT.has(type)
