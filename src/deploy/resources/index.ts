/** Which type of the template is which resource. What is not here is skipped with a warning. */
import { activity } from './activity.ts'
import { bucket } from './bucket.ts'
import { lambdaFunction } from './function.ts'
import { logGroup } from './log-group.ts'
import { queue } from './queue.ts'
import { recorded } from './recorded.ts'
import type { ResourceType } from './resource.ts'
import { stateMachineAlias, stateMachineVersion } from './state-machine-alias.ts'
import { stateMachine } from './state-machine.ts'
import { table } from './table.ts'
import { subscription, topic } from './topic.ts'

const types: ReadonlyMap<string, ResourceType> = new Map([
  ['AWS::CDK::Metadata', recorded],
  ['AWS::DynamoDB::Table', table],
  ['AWS::Lambda::Function', lambdaFunction],
  ['AWS::Lambda::Permission', recorded],
  ['AWS::Logs::LogGroup', logGroup],
  ['AWS::S3::Bucket', bucket],
  ['AWS::S3::BucketPolicy', recorded],
  ['AWS::SNS::Subscription', subscription],
  ['AWS::SNS::Topic', topic],
  ['AWS::SNS::TopicPolicy', recorded],
  ['AWS::SQS::Queue', queue],
  ['AWS::SQS::QueuePolicy', recorded],
  ['AWS::Serverless::Function', lambdaFunction],
  ['AWS::Serverless::SimpleTable', table],
  ['AWS::Serverless::StateMachine', stateMachine],
  ['AWS::StepFunctions::Activity', activity],
  ['AWS::StepFunctions::StateMachine', stateMachine],
  ['AWS::StepFunctions::StateMachineAlias', stateMachineAlias],
  ['AWS::StepFunctions::StateMachineVersion', stateMachineVersion],
])

export function resourceTypeNamed(name: string): ResourceType | undefined {
  return types.get(name) ?? (name.startsWith('AWS::IAM::') ? recorded : undefined)
}
