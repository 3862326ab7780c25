/** Which type of the template is which resource. What is not here is a placeholder. */
import { accessKey } from './access-key.ts'
import { activity } from './activity.ts'
import { alarm, compositeAlarm, dashboard } from './alarm.ts'
import { apiDestination } from './api-destination.ts'
import { archive } from './archive.ts'
import { bucket, bucketPolicy } from './bucket.ts'
import { cdkMetadata } from './cdk-metadata.ts'
import { codeSigningConfig } from './code-signing-config.ts'
import { connection } from './connection.ts'
import { eventBus, eventBusPolicy } from './event-bus.ts'
import { eventInvokeConfig } from './event-invoke-config.ts'
import { eventRule } from './event-rule.ts'
import { eventSourceMapping } from './event-source-mapping.ts'
import { functionAlias, functionVersion } from './function-alias.ts'
import { functionPermission, layerPermission } from './function-permission.ts'
import { functionUrl } from './function-url.ts'
import { lambdaFunction } from './function.ts'
import { httpApi, httpRoute, httpIntegration, httpAuthorizer, httpModel, httpDeployment, httpStage } from './http-api.ts'
import { oidcProvider, samlProvider } from './identity-provider.ts'
import { instanceProfile } from './instance-profile.ts'
import { keyAlias } from './key-alias.ts'
import { key } from './key.ts'
import { layer } from './layer.ts'
import { subscriptionFilter, metricFilter, logResourcePolicy } from './log-filter.ts'
import { logGroup, logStream } from './log-group.ts'
import { managedPolicy } from './managed-policy.ts'
import { parameter } from './parameter.ts'
import { pipe } from './pipe.ts'
import { iamPolicy, rolePolicy, userPolicy, groupPolicy } from './principal-policy.ts'
import { queuePolicy, queueInlinePolicy, topicPolicy, topicInlinePolicy } from './queue-policy.ts'
import { queue } from './queue.ts'
import { repository } from './repository.ts'
import type { ResourceType } from './resource.ts'
import { apiResource, apiMethod, apiAuthorizer, apiModel, apiRequestValidator, apiGatewayResponse } from './rest-api-part.ts'
import { apiDeployment, apiStage } from './rest-api-stage.ts'
import { restApi, gatewayAccount } from './rest-api.ts'
import { role, serviceLinkedRole } from './role.ts'
import { schedule, scheduleGroup } from './schedule.ts'
import { secret, secretPolicy, secretTargetAttachment } from './secret.ts'
import { stateMachineAlias, stateMachineVersion } from './state-machine-alias.ts'
import { stateMachine } from './state-machine.ts'
import { globalTable, table } from './table.ts'
import { subscription, topic } from './topic.ts'
import { apiKey, usagePlan, usagePlanKey } from './usage-plan.ts'
import { user, group, groupMembers } from './user.ts'

const types: ReadonlyMap<string, ResourceType> = new Map([
  ['AWS::ApiGateway::Account', gatewayAccount],
  ['AWS::ApiGateway::ApiKey', apiKey],
  ['AWS::ApiGateway::Authorizer', apiAuthorizer],
  ['AWS::ApiGateway::Deployment', apiDeployment],
  ['AWS::ApiGateway::GatewayResponse', apiGatewayResponse],
  ['AWS::ApiGateway::Method', apiMethod],
  ['AWS::ApiGateway::Model', apiModel],
  ['AWS::ApiGateway::RequestValidator', apiRequestValidator],
  ['AWS::ApiGateway::Resource', apiResource],
  ['AWS::ApiGateway::RestApi', restApi],
  ['AWS::ApiGateway::Stage', apiStage],
  ['AWS::ApiGateway::UsagePlan', usagePlan],
  ['AWS::ApiGateway::UsagePlanKey', usagePlanKey],
  ['AWS::ApiGatewayV2::Api', httpApi],
  ['AWS::ApiGatewayV2::Authorizer', httpAuthorizer],
  ['AWS::ApiGatewayV2::Deployment', httpDeployment],
  ['AWS::ApiGatewayV2::Integration', httpIntegration],
  ['AWS::ApiGatewayV2::Model', httpModel],
  ['AWS::ApiGatewayV2::Route', httpRoute],
  ['AWS::ApiGatewayV2::Stage', httpStage],
  ['AWS::CDK::Metadata', cdkMetadata],
  ['AWS::CloudWatch::Alarm', alarm],
  ['AWS::CloudWatch::CompositeAlarm', compositeAlarm],
  ['AWS::CloudWatch::Dashboard', dashboard],
  ['AWS::DynamoDB::GlobalTable', globalTable],
  ['AWS::DynamoDB::Table', table],
  ['AWS::ECR::Repository', repository],
  ['AWS::Events::ApiDestination', apiDestination],
  ['AWS::Events::Archive', archive],
  ['AWS::Events::Connection', connection],
  ['AWS::Events::EventBus', eventBus],
  ['AWS::Events::EventBusPolicy', eventBusPolicy],
  ['AWS::Events::Rule', eventRule],
  ['AWS::IAM::AccessKey', accessKey],
  ['AWS::IAM::Group', group],
  ['AWS::IAM::GroupPolicy', groupPolicy],
  ['AWS::IAM::InstanceProfile', instanceProfile],
  ['AWS::IAM::ManagedPolicy', managedPolicy],
  ['AWS::IAM::OIDCProvider', oidcProvider],
  ['AWS::IAM::Policy', iamPolicy],
  ['AWS::IAM::Role', role],
  ['AWS::IAM::RolePolicy', rolePolicy],
  ['AWS::IAM::SAMLProvider', samlProvider],
  ['AWS::IAM::ServiceLinkedRole', serviceLinkedRole],
  ['AWS::IAM::User', user],
  ['AWS::IAM::UserPolicy', userPolicy],
  ['AWS::IAM::UserToGroupAddition', groupMembers],
  ['AWS::KMS::Alias', keyAlias],
  ['AWS::KMS::Key', key],
  ['AWS::Lambda::Alias', functionAlias],
  ['AWS::Lambda::CodeSigningConfig', codeSigningConfig],
  ['AWS::Lambda::EventInvokeConfig', eventInvokeConfig],
  ['AWS::Lambda::EventSourceMapping', eventSourceMapping],
  ['AWS::Lambda::Function', lambdaFunction],
  ['AWS::Lambda::LayerVersion', layer],
  ['AWS::Lambda::LayerVersionPermission', layerPermission],
  ['AWS::Lambda::Permission', functionPermission],
  ['AWS::Lambda::Url', functionUrl],
  ['AWS::Lambda::Version', functionVersion],
  ['AWS::Logs::LogGroup', logGroup],
  ['AWS::Logs::LogStream', logStream],
  ['AWS::Logs::MetricFilter', metricFilter],
  ['AWS::Logs::ResourcePolicy', logResourcePolicy],
  ['AWS::Logs::SubscriptionFilter', subscriptionFilter],
  ['AWS::Pipes::Pipe', pipe],
  ['AWS::S3::Bucket', bucket],
  ['AWS::S3::BucketPolicy', bucketPolicy],
  ['AWS::SNS::Subscription', subscription],
  ['AWS::SNS::Topic', topic],
  ['AWS::SNS::TopicInlinePolicy', topicInlinePolicy],
  ['AWS::SNS::TopicPolicy', topicPolicy],
  ['AWS::SQS::Queue', queue],
  ['AWS::SQS::QueueInlinePolicy', queueInlinePolicy],
  ['AWS::SQS::QueuePolicy', queuePolicy],
  ['AWS::SSM::Parameter', parameter],
  ['AWS::Scheduler::Schedule', schedule],
  ['AWS::Scheduler::ScheduleGroup', scheduleGroup],
  ['AWS::SecretsManager::ResourcePolicy', secretPolicy],
  ['AWS::SecretsManager::Secret', secret],
  ['AWS::SecretsManager::SecretTargetAttachment', secretTargetAttachment],
  ['AWS::StepFunctions::Activity', activity],
  ['AWS::StepFunctions::StateMachine', stateMachine],
  ['AWS::StepFunctions::StateMachineAlias', stateMachineAlias],
  ['AWS::StepFunctions::StateMachineVersion', stateMachineVersion],
])

/** Undefined where nothing like it is here. */
export const resourceTypeNamed = (name: string): ResourceType | undefined => types.get(name)

export const resourceTypeNames = (): Iterable<string> => types.keys()
