/** Which type of the template is which resource. What is not here is a placeholder. */
import { activity } from './activity.ts'
import { bucket } from './bucket.ts'
import { connection } from './connection.ts'
import { eventBus } from './event-bus.ts'
import { eventInvokeConfig } from './event-invoke-config.ts'
import { eventRule } from './event-rule.ts'
import { eventSourceMapping } from './event-source-mapping.ts'
import { functionAlias, functionVersion } from './function-alias.ts'
import { lambdaFunction } from './function.ts'
import { layer } from './layer.ts'
import { logGroup } from './log-group.ts'
import { nestedStack } from './nested-stack.ts'
import { queue } from './queue.ts'
import type { ResourceType } from './resource.ts'
import { schedule, scheduleGroup } from './schedule.ts'
import { secret } from './secret.ts'
import { stateMachineAlias, stateMachineVersion } from './state-machine-alias.ts'
import { stateMachine } from './state-machine.ts'
import { table } from './table.ts'
import { subscription, topic } from './topic.ts'

const types: ReadonlyMap<string, ResourceType> = new Map([
  ['AWS::CloudFormation::Stack', nestedStack],
  ['AWS::DynamoDB::GlobalTable', table],
  ['AWS::DynamoDB::Table', table],
  ['AWS::Events::Connection', connection],
  ['AWS::Events::EventBus', eventBus],
  ['AWS::Events::Rule', eventRule],
  ['AWS::Lambda::Alias', functionAlias],
  ['AWS::Lambda::EventInvokeConfig', eventInvokeConfig],
  ['AWS::Lambda::EventSourceMapping', eventSourceMapping],
  ['AWS::Lambda::Function', lambdaFunction],
  ['AWS::Lambda::LayerVersion', layer],
  ['AWS::Lambda::Version', functionVersion],
  ['AWS::Logs::LogGroup', logGroup],
  ['AWS::S3::Bucket', bucket],
  ['AWS::SNS::Subscription', subscription],
  ['AWS::SNS::Topic', topic],
  ['AWS::SQS::Queue', queue],
  ['AWS::Scheduler::Schedule', schedule],
  ['AWS::Scheduler::ScheduleGroup', scheduleGroup],
  ['AWS::SecretsManager::Secret', secret],
  ['AWS::Serverless::Application', nestedStack],
  ['AWS::Serverless::Function', lambdaFunction],
  ['AWS::Serverless::LayerVersion', layer],
  ['AWS::Serverless::SimpleTable', table],
  ['AWS::Serverless::StateMachine', stateMachine],
  ['AWS::StepFunctions::Activity', activity],
  ['AWS::StepFunctions::StateMachine', stateMachine],
  ['AWS::StepFunctions::StateMachineAlias', stateMachineAlias],
  ['AWS::StepFunctions::StateMachineVersion', stateMachineVersion],
])

/** Undefined where nothing like it is here. */
export const resourceTypeNamed = (name: string): ResourceType | undefined => types.get(name)
