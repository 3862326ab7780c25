/**
 * The operations that services of AWS have, those that are not here included: names alone, or where a request is told by them a
 * line with method, path, and the parameters (`partNumber=`) and headers that it must have.
 * Made by scripts/aws-operations.mjs; not written by hand. Source: AWS's API models.
 */
export const OPERATION_NAMES = {
  apigateway: `
    CreateApi POST /v2/apis
    CreateApiKey POST /apikeys
    CreateApiMapping POST /v2/domainnames/{domainName}/apimappings
    CreateAuthorizer POST /restapis/{restapi_id}/authorizers
    CreateAuthorizer POST /v2/apis/{apiId}/authorizers
    CreateBasePathMapping POST /domainnames/{domain_name}/basepathmappings
    CreateDeployment POST /restapis/{restapi_id}/deployments
    CreateDeployment POST /v2/apis/{apiId}/deployments
    CreateDocumentationPart POST /restapis/{restapi_id}/documentation/parts
    CreateDocumentationVersion POST /restapis/{restapi_id}/documentation/versions
    CreateDomainName POST /domainnames
    CreateDomainName POST /v2/domainnames
    CreateDomainNameAccessAssociation POST /domainnameaccessassociations
    CreateIntegration POST /v2/apis/{apiId}/integrations
    CreateIntegrationResponse POST /v2/apis/{apiId}/integrations/{integrationId}/integrationresponses
    CreateModel POST /restapis/{restapi_id}/models
    CreateModel POST /v2/apis/{apiId}/models
    CreatePortal POST /v2/portals
    CreatePortalProduct POST /v2/portalproducts
    CreateProductPage POST /v2/portalproducts/{portalProductId}/productpages
    CreateProductRestEndpointPage POST /v2/portalproducts/{portalProductId}/productrestendpointpages
    CreateRequestValidator POST /restapis/{restapi_id}/requestvalidators
    CreateResource POST /restapis/{restapi_id}/resources/{parent_id}
    CreateRestApi POST /restapis
    CreateRoute POST /v2/apis/{apiId}/routes
    CreateRouteResponse POST /v2/apis/{apiId}/routes/{routeId}/routeresponses
    CreateRoutingRule POST /v2/domainnames/{domainName}/routingrules
    CreateStage POST /restapis/{restapi_id}/stages
    CreateStage POST /v2/apis/{apiId}/stages
    CreateUsagePlan POST /usageplans
    CreateUsagePlanKey POST /usageplans/{usageplanId}/keys
    CreateVpcLink POST /vpclinks
    CreateVpcLink POST /v2/vpclinks
    DeleteAccessLogSettings DELETE /v2/apis/{apiId}/stages/{stageName}/accesslogsettings
    DeleteApi DELETE /v2/apis/{apiId}
    DeleteApiKey DELETE /apikeys/{api_Key}
    DeleteApiMapping DELETE /v2/domainnames/{domainName}/apimappings/{apiMappingId}
    DeleteAuthorizer DELETE /restapis/{restapi_id}/authorizers/{authorizer_id}
    DeleteAuthorizer DELETE /v2/apis/{apiId}/authorizers/{authorizerId}
    DeleteBasePathMapping DELETE /domainnames/{domain_name}/basepathmappings/{base_path}
    DeleteClientCertificate DELETE /clientcertificates/{clientcertificate_id}
    DeleteCorsConfiguration DELETE /v2/apis/{apiId}/cors
    DeleteDeployment DELETE /restapis/{restapi_id}/deployments/{deployment_id}
    DeleteDeployment DELETE /v2/apis/{apiId}/deployments/{deploymentId}
    DeleteDocumentationPart DELETE /restapis/{restapi_id}/documentation/parts/{part_id}
    DeleteDocumentationVersion DELETE /restapis/{restapi_id}/documentation/versions/{doc_version}
    DeleteDomainName DELETE /domainnames/{domain_name}
    DeleteDomainName DELETE /v2/domainnames/{domainName}
    DeleteDomainNameAccessAssociation DELETE /domainnameaccessassociations/{domain_name_access_association_arn}
    DeleteGatewayResponse DELETE /restapis/{restapi_id}/gatewayresponses/{response_type}
    DeleteIntegration DELETE /restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}/integration
    DeleteIntegration DELETE /v2/apis/{apiId}/integrations/{integrationId}
    DeleteIntegrationResponse DELETE /restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}/integration/responses/{status_code}
    DeleteIntegrationResponse DELETE /v2/apis/{apiId}/integrations/{integrationId}/integrationresponses/{integrationResponseId}
    DeleteMethod DELETE /restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}
    DeleteMethodResponse DELETE /restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}/responses/{status_code}
    DeleteModel DELETE /restapis/{restapi_id}/models/{model_name}
    DeleteModel DELETE /v2/apis/{apiId}/models/{modelId}
    DeletePortal DELETE /v2/portals/{portalId}
    DeletePortalProduct DELETE /v2/portalproducts/{portalProductId}
    DeletePortalProductSharingPolicy DELETE /v2/portalproducts/{portalProductId}/sharingpolicy
    DeleteProductPage DELETE /v2/portalproducts/{portalProductId}/productpages/{productPageId}
    DeleteProductRestEndpointPage DELETE /v2/portalproducts/{portalProductId}/productrestendpointpages/{productRestEndpointPageId}
    DeleteRequestValidator DELETE /restapis/{restapi_id}/requestvalidators/{requestvalidator_id}
    DeleteResource DELETE /restapis/{restapi_id}/resources/{resource_id}
    DeleteRestApi DELETE /restapis/{restapi_id}
    DeleteRoute DELETE /v2/apis/{apiId}/routes/{routeId}
    DeleteRouteRequestParameter DELETE /v2/apis/{apiId}/routes/{routeId}/requestparameters/{requestParameterKey}
    DeleteRouteResponse DELETE /v2/apis/{apiId}/routes/{routeId}/routeresponses/{routeResponseId}
    DeleteRouteSettings DELETE /v2/apis/{apiId}/stages/{stageName}/routesettings/{routeKey}
    DeleteRoutingRule DELETE /v2/domainnames/{domainName}/routingrules/{routingRuleId}
    DeleteStage DELETE /restapis/{restapi_id}/stages/{stage_name}
    DeleteStage DELETE /v2/apis/{apiId}/stages/{stageName}
    DeleteUsagePlan DELETE /usageplans/{usageplanId}
    DeleteUsagePlanKey DELETE /usageplans/{usageplanId}/keys/{keyId}
    DeleteVpcLink DELETE /vpclinks/{vpclink_id}
    DeleteVpcLink DELETE /v2/vpclinks/{vpcLinkId}
    DisablePortal DELETE /v2/portals/{portalId}/publish
    ExportApi GET /v2/apis/{apiId}/exports/{specification}?outputType=
    FlushStageAuthorizersCache DELETE /restapis/{restapi_id}/stages/{stage_name}/cache/authorizers
    FlushStageCache DELETE /restapis/{restapi_id}/stages/{stage_name}/cache/data
    GenerateClientCertificate POST /clientcertificates
    GetAccount GET /account
    GetApi GET /v2/apis/{apiId}
    GetApiKey GET /apikeys/{api_Key}
    GetApiKeys GET /apikeys
    GetApiMapping GET /v2/domainnames/{domainName}/apimappings/{apiMappingId}
    GetApiMappings GET /v2/domainnames/{domainName}/apimappings
    GetApis GET /v2/apis
    GetAuthorizer GET /restapis/{restapi_id}/authorizers/{authorizer_id}
    GetAuthorizer GET /v2/apis/{apiId}/authorizers/{authorizerId}
    GetAuthorizers GET /restapis/{restapi_id}/authorizers
    GetAuthorizers GET /v2/apis/{apiId}/authorizers
    GetBasePathMapping GET /domainnames/{domain_name}/basepathmappings/{base_path}
    GetBasePathMappings GET /domainnames/{domain_name}/basepathmappings
    GetClientCertificate GET /clientcertificates/{clientcertificate_id}
    GetClientCertificates GET /clientcertificates
    GetDeployment GET /restapis/{restapi_id}/deployments/{deployment_id}
    GetDeployment GET /v2/apis/{apiId}/deployments/{deploymentId}
    GetDeployments GET /restapis/{restapi_id}/deployments
    GetDeployments GET /v2/apis/{apiId}/deployments
    GetDocumentationPart GET /restapis/{restapi_id}/documentation/parts/{part_id}
    GetDocumentationParts GET /restapis/{restapi_id}/documentation/parts
    GetDocumentationVersion GET /restapis/{restapi_id}/documentation/versions/{doc_version}
    GetDocumentationVersions GET /restapis/{restapi_id}/documentation/versions
    GetDomainName GET /domainnames/{domain_name}
    GetDomainName GET /v2/domainnames/{domainName}
    GetDomainNameAccessAssociations GET /domainnameaccessassociations
    GetDomainNames GET /domainnames
    GetDomainNames GET /v2/domainnames
    GetExport GET /restapis/{restapi_id}/stages/{stage_name}/exports/{export_type}
    GetGatewayResponse GET /restapis/{restapi_id}/gatewayresponses/{response_type}
    GetGatewayResponses GET /restapis/{restapi_id}/gatewayresponses
    GetIntegration GET /restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}/integration
    GetIntegration GET /v2/apis/{apiId}/integrations/{integrationId}
    GetIntegrationResponse GET /restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}/integration/responses/{status_code}
    GetIntegrationResponse GET /v2/apis/{apiId}/integrations/{integrationId}/integrationresponses/{integrationResponseId}
    GetIntegrationResponses GET /v2/apis/{apiId}/integrations/{integrationId}/integrationresponses
    GetIntegrations GET /v2/apis/{apiId}/integrations
    GetMethod GET /restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}
    GetMethodResponse GET /restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}/responses/{status_code}
    GetModel GET /restapis/{restapi_id}/models/{model_name}
    GetModel GET /v2/apis/{apiId}/models/{modelId}
    GetModelTemplate GET /restapis/{restapi_id}/models/{model_name}/default_template
    GetModelTemplate GET /v2/apis/{apiId}/models/{modelId}/template
    GetModels GET /restapis/{restapi_id}/models
    GetModels GET /v2/apis/{apiId}/models
    GetPortal GET /v2/portals/{portalId}
    GetPortalProduct GET /v2/portalproducts/{portalProductId}
    GetPortalProductSharingPolicy GET /v2/portalproducts/{portalProductId}/sharingpolicy
    GetProductPage GET /v2/portalproducts/{portalProductId}/productpages/{productPageId}
    GetProductRestEndpointPage GET /v2/portalproducts/{portalProductId}/productrestendpointpages/{productRestEndpointPageId}
    GetRequestValidator GET /restapis/{restapi_id}/requestvalidators/{requestvalidator_id}
    GetRequestValidators GET /restapis/{restapi_id}/requestvalidators
    GetResource GET /restapis/{restapi_id}/resources/{resource_id}
    GetResources GET /restapis/{restapi_id}/resources
    GetRestApi GET /restapis/{restapi_id}
    GetRestApis GET /restapis
    GetRoute GET /v2/apis/{apiId}/routes/{routeId}
    GetRouteResponse GET /v2/apis/{apiId}/routes/{routeId}/routeresponses/{routeResponseId}
    GetRouteResponses GET /v2/apis/{apiId}/routes/{routeId}/routeresponses
    GetRoutes GET /v2/apis/{apiId}/routes
    GetRoutingRule GET /v2/domainnames/{domainName}/routingrules/{routingRuleId}
    GetSdk GET /restapis/{restapi_id}/stages/{stage_name}/sdks/{sdk_type}
    GetSdkType GET /sdktypes/{sdktype_id}
    GetSdkTypes GET /sdktypes
    GetStage GET /restapis/{restapi_id}/stages/{stage_name}
    GetStage GET /v2/apis/{apiId}/stages/{stageName}
    GetStages GET /restapis/{restapi_id}/stages
    GetStages GET /v2/apis/{apiId}/stages
    GetTags GET /tags/{resource_arn}
    GetTags GET /v2/tags/{resource-arn}
    GetUsage GET /usageplans/{usageplanId}/usage?startDate=&endDate=
    GetUsagePlan GET /usageplans/{usageplanId}
    GetUsagePlanKey GET /usageplans/{usageplanId}/keys/{keyId}
    GetUsagePlanKeys GET /usageplans/{usageplanId}/keys
    GetUsagePlans GET /usageplans
    GetVpcLink GET /vpclinks/{vpclink_id}
    GetVpcLink GET /v2/vpclinks/{vpcLinkId}
    GetVpcLinks GET /vpclinks
    GetVpcLinks GET /v2/vpclinks
    ImportApi PUT /v2/apis
    ImportApiKeys POST /apikeys?mode=import&format=
    ImportDocumentationParts PUT /restapis/{restapi_id}/documentation/parts
    ImportRestApi POST /restapis?mode=import
    ListPortalProducts GET /v2/portalproducts
    ListPortals GET /v2/portals
    ListProductPages GET /v2/portalproducts/{portalProductId}/productpages
    ListProductRestEndpointPages GET /v2/portalproducts/{portalProductId}/productrestendpointpages
    ListRoutingRules GET /v2/domainnames/{domainName}/routingrules
    PreviewPortal POST /v2/portals/{portalId}/preview
    PublishPortal POST /v2/portals/{portalId}/publish
    PutGatewayResponse PUT /restapis/{restapi_id}/gatewayresponses/{response_type}
    PutIntegration PUT /restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}/integration
    PutIntegrationResponse PUT /restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}/integration/responses/{status_code}
    PutMethod PUT /restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}
    PutMethodResponse PUT /restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}/responses/{status_code}
    PutPortalProductSharingPolicy PUT /v2/portalproducts/{portalProductId}/sharingpolicy
    PutRestApi PUT /restapis/{restapi_id}
    PutRoutingRule PUT /v2/domainnames/{domainName}/routingrules/{routingRuleId}
    ReimportApi PUT /v2/apis/{apiId}
    RejectDomainNameAccessAssociation POST /rejectdomainnameaccessassociations?domainNameAccessAssociationArn=&domainNameArn=
    ResetAuthorizersCache DELETE /v2/apis/{apiId}/stages/{stageName}/cache/authorizers
    TagResource PUT /tags/{resource_arn}
    TagResource POST /v2/tags/{resource-arn}
    TestInvokeAuthorizer POST /restapis/{restapi_id}/authorizers/{authorizer_id}
    TestInvokeMethod POST /restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}
    UntagResource DELETE /tags/{resource_arn}?tagKeys=
    UntagResource DELETE /v2/tags/{resource-arn}?tagKeys=
    UpdateAccount PATCH /account
    UpdateApi PATCH /v2/apis/{apiId}
    UpdateApiKey PATCH /apikeys/{api_Key}
    UpdateApiMapping PATCH /v2/domainnames/{domainName}/apimappings/{apiMappingId}
    UpdateAuthorizer PATCH /restapis/{restapi_id}/authorizers/{authorizer_id}
    UpdateAuthorizer PATCH /v2/apis/{apiId}/authorizers/{authorizerId}
    UpdateBasePathMapping PATCH /domainnames/{domain_name}/basepathmappings/{base_path}
    UpdateClientCertificate PATCH /clientcertificates/{clientcertificate_id}
    UpdateDeployment PATCH /restapis/{restapi_id}/deployments/{deployment_id}
    UpdateDeployment PATCH /v2/apis/{apiId}/deployments/{deploymentId}
    UpdateDocumentationPart PATCH /restapis/{restapi_id}/documentation/parts/{part_id}
    UpdateDocumentationVersion PATCH /restapis/{restapi_id}/documentation/versions/{doc_version}
    UpdateDomainName PATCH /domainnames/{domain_name}
    UpdateDomainName PATCH /v2/domainnames/{domainName}
    UpdateGatewayResponse PATCH /restapis/{restapi_id}/gatewayresponses/{response_type}
    UpdateIntegration PATCH /restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}/integration
    UpdateIntegration PATCH /v2/apis/{apiId}/integrations/{integrationId}
    UpdateIntegrationResponse PATCH /restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}/integration/responses/{status_code}
    UpdateIntegrationResponse PATCH /v2/apis/{apiId}/integrations/{integrationId}/integrationresponses/{integrationResponseId}
    UpdateMethod PATCH /restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}
    UpdateMethodResponse PATCH /restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}/responses/{status_code}
    UpdateModel PATCH /restapis/{restapi_id}/models/{model_name}
    UpdateModel PATCH /v2/apis/{apiId}/models/{modelId}
    UpdatePortal PATCH /v2/portals/{portalId}
    UpdatePortalProduct PATCH /v2/portalproducts/{portalProductId}
    UpdateProductPage PATCH /v2/portalproducts/{portalProductId}/productpages/{productPageId}
    UpdateProductRestEndpointPage PATCH /v2/portalproducts/{portalProductId}/productrestendpointpages/{productRestEndpointPageId}
    UpdateRequestValidator PATCH /restapis/{restapi_id}/requestvalidators/{requestvalidator_id}
    UpdateResource PATCH /restapis/{restapi_id}/resources/{resource_id}
    UpdateRestApi PATCH /restapis/{restapi_id}
    UpdateRoute PATCH /v2/apis/{apiId}/routes/{routeId}
    UpdateRouteResponse PATCH /v2/apis/{apiId}/routes/{routeId}/routeresponses/{routeResponseId}
    UpdateStage PATCH /restapis/{restapi_id}/stages/{stage_name}
    UpdateStage PATCH /v2/apis/{apiId}/stages/{stageName}
    UpdateUsage PATCH /usageplans/{usageplanId}/keys/{keyId}/usage
    UpdateUsagePlan PATCH /usageplans/{usageplanId}
    UpdateVpcLink PATCH /vpclinks/{vpclink_id}
    UpdateVpcLink PATCH /v2/vpclinks/{vpcLinkId}`,
  cloudcontrolapi: `
    CancelResourceRequest CreateResource DeleteResource GetResource GetResourceRequestStatus ListResourceRequests ListResources
    UpdateResource`,
  cloudformation: `
    ActivateOrganizationsAccess ActivateType BatchDescribeTypeConfigurations CancelUpdateStack ContinueUpdateRollback
    CreateChangeSet CreateGeneratedTemplate CreateStack CreateStackInstances CreateStackRefactor CreateStackSet
    DeactivateOrganizationsAccess DeactivateType DeleteChangeSet DeleteGeneratedTemplate DeleteStack DeleteStackInstances
    DeleteStackSet DeregisterType DescribeAccountLimits DescribeChangeSet DescribeChangeSetHooks DescribeEvents
    DescribeGeneratedTemplate DescribeOrganizationsAccess DescribePublisher DescribeResourceScan
    DescribeStackDriftDetectionStatus DescribeStackEvents DescribeStackInstance DescribeStackRefactor DescribeStackResource
    DescribeStackResourceDrifts DescribeStackResources DescribeStackSet DescribeStackSetOperation DescribeStacks DescribeType
    DescribeTypeRegistration DetectStackDrift DetectStackResourceDrift DetectStackSetDrift EstimateTemplateCost ExecuteChangeSet
    ExecuteStackRefactor GetGeneratedTemplate GetHookResult GetStackPolicy GetTemplate GetTemplateSummary ImportStacksToStackSet
    ListChangeSets ListExports ListGeneratedTemplates ListHookResults ListImports ListResourceScanRelatedResources
    ListResourceScanResources ListResourceScans ListStackInstanceResourceDrifts ListStackInstances ListStackRefactorActions
    ListStackRefactors ListStackResources ListStackSetAutoDeploymentTargets ListStackSetOperationResults ListStackSetOperations
    ListStackSets ListStacks ListTypeRegistrations ListTypeVersions ListTypes PublishType RecordHandlerProgress RegisterPublisher
    RegisterType RollbackStack SetStackPolicy SetTypeConfiguration SetTypeDefaultVersion SignalResource StartResourceScan
    StopStackSetOperation TestType UpdateGeneratedTemplate UpdateStack UpdateStackInstances UpdateStackSet
    UpdateTerminationProtection ValidateTemplate`,
  dynamodb: `
    BatchExecuteStatement BatchGetItem BatchWriteItem CreateBackup CreateGlobalTable CreateTable DeleteBackup DeleteItem
    DeleteResourcePolicy DeleteTable DescribeBackup DescribeContinuousBackups DescribeContributorInsights DescribeEndpoints
    DescribeExport DescribeGlobalTable DescribeGlobalTableSettings DescribeImport DescribeKinesisStreamingDestination
    DescribeLimits DescribeStream DescribeTable DescribeTableReplicaAutoScaling DescribeTimeToLive
    DisableKinesisStreamingDestination EnableKinesisStreamingDestination ExecuteStatement ExecuteTransaction
    ExportTableToPointInTime GetItem GetRecords GetResourcePolicy GetShardIterator ImportTable ListBackups
    ListContributorInsights ListExports ListGlobalTables ListImports ListStreams ListTables ListTagsOfResource PutItem
    PutResourcePolicy Query RestoreTableFromBackup RestoreTableToPointInTime Scan TagResource TransactGetItems TransactWriteItems
    UntagResource UpdateContinuousBackups UpdateContributorInsights UpdateGlobalTable UpdateGlobalTableSettings UpdateItem
    UpdateKinesisStreamingDestination UpdateTable UpdateTableReplicaAutoScaling UpdateTimeToLive`,
  ecr: `
    BatchCheckLayerAvailability BatchDeleteImage BatchGetImage BatchGetRepositoryScanningConfiguration CompleteLayerUpload
    CreatePullThroughCacheRule CreateRepository CreateRepositoryCreationTemplate DeleteLifecyclePolicy DeletePullThroughCacheRule
    DeleteRegistryPolicy DeleteRepository DeleteRepositoryCreationTemplate DeleteRepositoryPolicy DeleteSigningConfiguration
    DeregisterPullTimeUpdateExclusion DescribeImageReplicationStatus DescribeImageScanFindings DescribeImageSigningStatus
    DescribeImages DescribePullThroughCacheRules DescribeRegistry DescribeRepositories DescribeRepositoryCreationTemplates
    GetAccountSetting GetAuthorizationToken GetDownloadUrlForLayer GetLifecyclePolicy GetLifecyclePolicyPreview GetRegistryPolicy
    GetRegistryScanningConfiguration GetRepositoryPolicy GetSigningConfiguration InitiateLayerUpload ListImageReferrers
    ListImages ListPullTimeUpdateExclusions ListTagsForResource PutAccountSetting PutImage PutImageScanningConfiguration
    PutImageTagMutability PutLifecyclePolicy PutRegistryPolicy PutRegistryScanningConfiguration PutReplicationConfiguration
    PutSigningConfiguration RegisterPullTimeUpdateExclusion SetRepositoryPolicy StartImageScan StartLifecyclePolicyPreview
    TagResource UntagResource UpdateImageStorageClass UpdatePullThroughCacheRule UpdateRepositoryCreationTemplate UploadLayerPart
    ValidatePullThroughCacheRule`,
  events: `
    ActivateEventSource CancelReplay CreateApiDestination CreateArchive CreateConnection CreateEndpoint CreateEventBus
    CreatePartnerEventSource DeactivateEventSource DeauthorizeConnection DeleteApiDestination DeleteArchive DeleteConnection
    DeleteEndpoint DeleteEventBus DeletePartnerEventSource DeleteRule DescribeApiDestination DescribeArchive DescribeConnection
    DescribeEndpoint DescribeEventBus DescribeEventSource DescribePartnerEventSource DescribeReplay DescribeRule DisableRule
    EnableRule ListApiDestinations ListArchives ListConnections ListEndpoints ListEventBuses ListEventSources
    ListPartnerEventSourceAccounts ListPartnerEventSources ListReplays ListRuleNamesByTarget ListRules ListTagsForResource
    ListTargetsByRule PutEvents PutPartnerEvents PutPermission PutRule PutTargets RemovePermission RemoveTargets StartReplay
    TagResource TestEventPattern UntagResource UpdateApiDestination UpdateArchive UpdateConnection UpdateEndpoint UpdateEventBus`,
  iam: `
    AcceptDelegationRequest AddClientIDToOpenIDConnectProvider AddRoleToInstanceProfile AddUserToGroup AssociateDelegationRequest
    AttachGroupPolicy AttachRolePolicy AttachUserPolicy ChangePassword CreateAccessKey CreateAccountAlias CreateDelegationRequest
    CreateGroup CreateInstanceProfile CreateLoginProfile CreateOpenIDConnectProvider CreatePolicy CreatePolicyVersion CreateRole
    CreateSAMLProvider CreateServiceLinkedRole CreateServiceSpecificCredential CreateUser CreateVirtualMFADevice
    DeactivateMFADevice DeleteAccessKey DeleteAccountAlias DeleteAccountPasswordPolicy DeleteGroup DeleteGroupPolicy
    DeleteInstanceProfile DeleteLoginProfile DeleteOpenIDConnectProvider DeletePolicy DeletePolicyVersion DeleteRole
    DeleteRolePermissionsBoundary DeleteRolePolicy DeleteSAMLProvider DeleteSSHPublicKey DeleteServerCertificate
    DeleteServiceLinkedRole DeleteServiceSpecificCredential DeleteSigningCertificate DeleteUser DeleteUserPermissionsBoundary
    DeleteUserPolicy DeleteVirtualMFADevice DetachGroupPolicy DetachRolePolicy DetachUserPolicy
    DisableOrganizationsRootCredentialsManagement DisableOrganizationsRootSessions DisableOutboundWebIdentityFederation
    EnableMFADevice EnableOrganizationsRootCredentialsManagement EnableOrganizationsRootSessions
    EnableOutboundWebIdentityFederation GenerateCredentialReport GenerateOrganizationsAccessReport
    GenerateServiceLastAccessedDetails GetAccessKeyLastUsed GetAccountAuthorizationDetails GetAccountPasswordPolicy
    GetAccountSummary GetContextKeysForCustomPolicy GetContextKeysForPrincipalPolicy GetCredentialReport GetDelegationRequest
    GetGroup GetGroupPolicy GetHumanReadableSummary GetInstanceProfile GetLoginProfile GetMFADevice GetOpenIDConnectProvider
    GetOrganizationsAccessReport GetOutboundWebIdentityFederationInfo GetPolicy GetPolicyVersion GetRole GetRolePolicy
    GetSAMLProvider GetSSHPublicKey GetServerCertificate GetServiceLastAccessedDetails GetServiceLastAccessedDetailsWithEntities
    GetServiceLinkedRoleDeletionStatus GetUser GetUserPolicy ListAccessKeys ListAccountAliases ListAttachedGroupPolicies
    ListAttachedRolePolicies ListAttachedUserPolicies ListDelegationRequests ListEntitiesForPolicy ListGroupPolicies ListGroups
    ListGroupsForUser ListInstanceProfileTags ListInstanceProfiles ListInstanceProfilesForRole ListMFADeviceTags ListMFADevices
    ListOpenIDConnectProviderTags ListOpenIDConnectProviders ListOrganizationsFeatures ListPolicies
    ListPoliciesGrantingServiceAccess ListPolicyTags ListPolicyVersions ListRolePolicies ListRoleTags ListRoles
    ListSAMLProviderTags ListSAMLProviders ListSSHPublicKeys ListServerCertificateTags ListServerCertificates
    ListServiceSpecificCredentials ListSigningCertificates ListUserPolicies ListUserTags ListUsers ListVirtualMFADevices
    PutGroupPolicy PutRolePermissionsBoundary PutRolePolicy PutUserPermissionsBoundary PutUserPolicy RejectDelegationRequest
    RemoveClientIDFromOpenIDConnectProvider RemoveRoleFromInstanceProfile RemoveUserFromGroup ResetServiceSpecificCredential
    ResyncMFADevice SendDelegationToken SetDefaultPolicyVersion SetSecurityTokenServicePreferences SimulateCustomPolicy
    SimulatePrincipalPolicy TagInstanceProfile TagMFADevice TagOpenIDConnectProvider TagPolicy TagRole TagSAMLProvider
    TagServerCertificate TagUser UntagInstanceProfile UntagMFADevice UntagOpenIDConnectProvider UntagPolicy UntagRole
    UntagSAMLProvider UntagServerCertificate UntagUser UpdateAccessKey UpdateAccountPasswordPolicy UpdateAssumeRolePolicy
    UpdateDelegationRequest UpdateGroup UpdateLoginProfile UpdateOpenIDConnectProviderThumbprint UpdateRole UpdateRoleDescription
    UpdateSAMLProvider UpdateSSHPublicKey UpdateServerCertificate UpdateServiceSpecificCredential UpdateSigningCertificate
    UpdateUser UploadSSHPublicKey UploadServerCertificate UploadSigningCertificate`,
  kms: `
    CancelKeyDeletion ConnectCustomKeyStore CreateAlias CreateCustomKeyStore CreateGrant CreateKey Decrypt DeleteAlias
    DeleteCustomKeyStore DeleteImportedKeyMaterial DeriveSharedSecret DescribeCustomKeyStores DescribeKey DisableKey
    DisableKeyRotation DisconnectCustomKeyStore EnableKey EnableKeyRotation Encrypt GenerateDataKey GenerateDataKeyPair
    GenerateDataKeyPairWithoutPlaintext GenerateDataKeyWithoutPlaintext GenerateMac GenerateRandom GetKeyLastUsage GetKeyPolicy
    GetKeyRotationStatus GetParametersForImport GetPublicKey ImportKeyMaterial ListAliases ListGrants ListKeyPolicies
    ListKeyRotations ListKeys ListResourceTags ListRetirableGrants PutKeyPolicy ReEncrypt ReplicateKey RetireGrant RevokeGrant
    RotateKeyOnDemand ScheduleKeyDeletion Sign TagResource UntagResource UpdateAlias UpdateCustomKeyStore UpdateKeyDescription
    UpdatePrimaryRegion Verify VerifyMac`,
  lambda: `
    AddLayerVersionPermission POST /2018-10-31/layers/{LayerName}/versions/{VersionNumber}/policy
    AddPermission POST /2015-03-31/functions/{FunctionName}/policy
    CheckpointDurableExecution POST /2025-12-01/durable-executions/{DurableExecutionArn}/checkpoint
    CreateAlias POST /2015-03-31/functions/{FunctionName}/aliases
    CreateCapacityProvider POST /2025-11-30/capacity-providers
    CreateCodeSigningConfig POST /2020-04-22/code-signing-configs
    CreateEventSourceMapping POST /2015-03-31/event-source-mappings
    CreateFunction POST /2015-03-31/functions
    CreateFunctionUrlConfig POST /2021-10-31/functions/{FunctionName}/url
    DeleteAlias DELETE /2015-03-31/functions/{FunctionName}/aliases/{Name}
    DeleteCapacityProvider DELETE /2025-11-30/capacity-providers/{CapacityProviderName}
    DeleteCodeSigningConfig DELETE /2020-04-22/code-signing-configs/{CodeSigningConfigArn}
    DeleteEventSourceMapping DELETE /2015-03-31/event-source-mappings/{UUID}
    DeleteFunction DELETE /2015-03-31/functions/{FunctionName}
    DeleteFunctionCodeSigningConfig DELETE /2020-06-30/functions/{FunctionName}/code-signing-config
    DeleteFunctionConcurrency DELETE /2017-10-31/functions/{FunctionName}/concurrency
    DeleteFunctionEventInvokeConfig DELETE /2019-09-25/functions/{FunctionName}/event-invoke-config
    DeleteFunctionUrlConfig DELETE /2021-10-31/functions/{FunctionName}/url
    DeleteLayerVersion DELETE /2018-10-31/layers/{LayerName}/versions/{VersionNumber}
    DeleteProvisionedConcurrencyConfig DELETE /2019-09-30/functions/{FunctionName}/provisioned-concurrency?Qualifier=
    GetAccountSettings GET /2016-08-19/account-settings
    GetAlias GET /2015-03-31/functions/{FunctionName}/aliases/{Name}
    GetCapacityProvider GET /2025-11-30/capacity-providers/{CapacityProviderName}
    GetCodeSigningConfig GET /2020-04-22/code-signing-configs/{CodeSigningConfigArn}
    GetDurableExecution GET /2025-12-01/durable-executions/{DurableExecutionArn}
    GetDurableExecutionHistory GET /2025-12-01/durable-executions/{DurableExecutionArn}/history
    GetDurableExecutionState GET /2025-12-01/durable-executions/{DurableExecutionArn}/state?CheckpointToken=
    GetEventSourceMapping GET /2015-03-31/event-source-mappings/{UUID}
    GetFunction GET /2015-03-31/functions/{FunctionName}
    GetFunctionCodeSigningConfig GET /2020-06-30/functions/{FunctionName}/code-signing-config
    GetFunctionConcurrency GET /2019-09-30/functions/{FunctionName}/concurrency
    GetFunctionConfiguration GET /2015-03-31/functions/{FunctionName}/configuration
    GetFunctionEventInvokeConfig GET /2019-09-25/functions/{FunctionName}/event-invoke-config
    GetFunctionRecursionConfig GET /2024-08-31/functions/{FunctionName}/recursion-config
    GetFunctionScalingConfig GET /2025-11-30/functions/{FunctionName}/function-scaling-config?Qualifier=
    GetFunctionUrlConfig GET /2021-10-31/functions/{FunctionName}/url
    GetLayerVersion GET /2018-10-31/layers/{LayerName}/versions/{VersionNumber}
    GetLayerVersionByArn GET /2018-10-31/layers?find=LayerVersion&Arn=
    GetLayerVersionPolicy GET /2018-10-31/layers/{LayerName}/versions/{VersionNumber}/policy
    GetPolicy GET /2015-03-31/functions/{FunctionName}/policy
    GetProvisionedConcurrencyConfig GET /2019-09-30/functions/{FunctionName}/provisioned-concurrency?Qualifier=
    GetRuntimeManagementConfig GET /2021-07-20/functions/{FunctionName}/runtime-management-config
    Invoke POST /2015-03-31/functions/{FunctionName}/invocations
    InvokeAsync POST /2014-11-13/functions/{FunctionName}/invoke-async
    InvokeWithResponseStream POST /2021-11-15/functions/{FunctionName}/response-streaming-invocations
    ListAliases GET /2015-03-31/functions/{FunctionName}/aliases
    ListCapacityProviders GET /2025-11-30/capacity-providers
    ListCodeSigningConfigs GET /2020-04-22/code-signing-configs
    ListDurableExecutionsByFunction GET /2025-12-01/functions/{FunctionName}/durable-executions
    ListEventSourceMappings GET /2015-03-31/event-source-mappings
    ListFunctionEventInvokeConfigs GET /2019-09-25/functions/{FunctionName}/event-invoke-config/list
    ListFunctionUrlConfigs GET /2021-10-31/functions/{FunctionName}/urls
    ListFunctionVersionsByCapacityProvider GET /2025-11-30/capacity-providers/{CapacityProviderName}/function-versions
    ListFunctions GET /2015-03-31/functions
    ListFunctionsByCodeSigningConfig GET /2020-04-22/code-signing-configs/{CodeSigningConfigArn}/functions
    ListLayerVersions GET /2018-10-31/layers/{LayerName}/versions
    ListLayers GET /2018-10-31/layers
    ListProvisionedConcurrencyConfigs GET /2019-09-30/functions/{FunctionName}/provisioned-concurrency?List=ALL
    ListTags GET /2017-03-31/tags/{Resource}
    ListVersionsByFunction GET /2015-03-31/functions/{FunctionName}/versions
    PublishLayerVersion POST /2018-10-31/layers/{LayerName}/versions
    PublishVersion POST /2015-03-31/functions/{FunctionName}/versions
    PutFunctionCodeSigningConfig PUT /2020-06-30/functions/{FunctionName}/code-signing-config
    PutFunctionConcurrency PUT /2017-10-31/functions/{FunctionName}/concurrency
    PutFunctionEventInvokeConfig PUT /2019-09-25/functions/{FunctionName}/event-invoke-config
    PutFunctionRecursionConfig PUT /2024-08-31/functions/{FunctionName}/recursion-config
    PutFunctionScalingConfig PUT /2025-11-30/functions/{FunctionName}/function-scaling-config?Qualifier=
    PutProvisionedConcurrencyConfig PUT /2019-09-30/functions/{FunctionName}/provisioned-concurrency?Qualifier=
    PutRuntimeManagementConfig PUT /2021-07-20/functions/{FunctionName}/runtime-management-config
    RemoveLayerVersionPermission DELETE /2018-10-31/layers/{LayerName}/versions/{VersionNumber}/policy/{StatementId}
    RemovePermission DELETE /2015-03-31/functions/{FunctionName}/policy/{StatementId}
    SendDurableExecutionCallbackFailure POST /2025-12-01/durable-execution-callbacks/{CallbackId}/fail
    SendDurableExecutionCallbackHeartbeat POST /2025-12-01/durable-execution-callbacks/{CallbackId}/heartbeat
    SendDurableExecutionCallbackSuccess POST /2025-12-01/durable-execution-callbacks/{CallbackId}/succeed
    StopDurableExecution POST /2025-12-01/durable-executions/{DurableExecutionArn}/stop
    TagResource POST /2017-03-31/tags/{Resource}
    UntagResource DELETE /2017-03-31/tags/{Resource}?tagKeys=
    UpdateAlias PUT /2015-03-31/functions/{FunctionName}/aliases/{Name}
    UpdateCapacityProvider PUT /2025-11-30/capacity-providers/{CapacityProviderName}
    UpdateCodeSigningConfig PUT /2020-04-22/code-signing-configs/{CodeSigningConfigArn}
    UpdateEventSourceMapping PUT /2015-03-31/event-source-mappings/{UUID}
    UpdateFunctionCode PUT /2015-03-31/functions/{FunctionName}/code
    UpdateFunctionConfiguration PUT /2015-03-31/functions/{FunctionName}/configuration
    UpdateFunctionEventInvokeConfig POST /2019-09-25/functions/{FunctionName}/event-invoke-config
    UpdateFunctionUrlConfig PUT /2021-10-31/functions/{FunctionName}/url`,
  logs: `
    AssociateKmsKey AssociateSourceToS3TableIntegration CancelExportTask CancelImportTask CreateDelivery CreateExportTask
    CreateImportTask CreateLogAnomalyDetector CreateLogGroup CreateLogStream CreateLookupTable CreateScheduledQuery
    DeleteAccountPolicy DeleteDataProtectionPolicy DeleteDelivery DeleteDeliveryDestination DeleteDeliveryDestinationPolicy
    DeleteDeliverySource DeleteDestination DeleteIndexPolicy DeleteIntegration DeleteLogAnomalyDetector DeleteLogGroup
    DeleteLogStream DeleteLookupTable DeleteMetricFilter DeleteQueryDefinition DeleteResourcePolicy DeleteRetentionPolicy
    DeleteScheduledQuery DeleteSubscriptionFilter DeleteTransformer DescribeAccountPolicies DescribeConfigurationTemplates
    DescribeDeliveries DescribeDeliveryDestinations DescribeDeliverySources DescribeDestinations DescribeExportTasks
    DescribeFieldIndexes DescribeImportTaskBatches DescribeImportTasks DescribeIndexPolicies DescribeLogGroups DescribeLogStreams
    DescribeLookupTables DescribeMetricFilters DescribeQueries DescribeQueryDefinitions DescribeResourcePolicies
    DescribeSubscriptionFilters DisassociateKmsKey DisassociateSourceFromS3TableIntegration FilterLogEvents
    GetDataProtectionPolicy GetDelivery GetDeliveryDestination GetDeliveryDestinationPolicy GetDeliverySource GetIntegration
    GetLogAnomalyDetector GetLogEvents GetLogFields GetLogGroupFields GetLogObject GetLogRecord GetLookupTable GetQueryResults
    GetScheduledQuery GetScheduledQueryHistory GetTransformer ListAggregateLogGroupSummaries ListAnomalies ListIntegrations
    ListLogAnomalyDetectors ListLogGroups ListLogGroupsForQuery ListScheduledQueries ListSourcesForS3TableIntegration
    ListTagsForResource ListTagsLogGroup PutAccountPolicy PutBearerTokenAuthentication PutDataProtectionPolicy
    PutDeliveryDestination PutDeliveryDestinationPolicy PutDeliverySource PutDestination PutDestinationPolicy PutIndexPolicy
    PutIntegration PutLogEvents PutLogGroupDeletionProtection PutMetricFilter PutQueryDefinition PutResourcePolicy
    PutRetentionPolicy PutSubscriptionFilter PutTransformer StartLiveTail StartQuery StopQuery TagLogGroup TagResource
    TestMetricFilter TestTransformer UntagLogGroup UntagResource UpdateAnomaly UpdateDeliveryConfiguration
    UpdateLogAnomalyDetector UpdateLookupTable UpdateScheduledQuery`,
  monitoring: `
    DeleteAlarmMuteRule DeleteAlarms DeleteAnomalyDetector DeleteDashboards DeleteInsightRules DeleteMetricStream
    DescribeAlarmContributors DescribeAlarmHistory DescribeAlarms DescribeAlarmsForMetric DescribeAnomalyDetectors
    DescribeInsightRules DisableAlarmActions DisableInsightRules EnableAlarmActions EnableInsightRules GetAlarmMuteRule
    GetDashboard GetInsightRuleReport GetMetricData GetMetricStatistics GetMetricStream GetMetricWidgetImage GetOTelEnrichment
    ListAlarmMuteRules ListDashboards ListManagedInsightRules ListMetricStreams ListMetrics ListTagsForResource PutAlarmMuteRule
    PutAnomalyDetector PutCompositeAlarm PutDashboard PutInsightRule PutManagedInsightRules PutMetricAlarm PutMetricData
    PutMetricStream SetAlarmState StartMetricStreams StartOTelEnrichment StopMetricStreams StopOTelEnrichment TagResource
    UntagResource`,
  pipes: `
    CreatePipe POST /v1/pipes/{Name}
    DeletePipe DELETE /v1/pipes/{Name}
    DescribePipe GET /v1/pipes/{Name}
    ListPipes GET /v1/pipes
    ListTagsForResource GET /tags/{resourceArn}
    StartPipe POST /v1/pipes/{Name}/start
    StopPipe POST /v1/pipes/{Name}/stop
    TagResource POST /tags/{resourceArn}
    UntagResource DELETE /tags/{resourceArn}?tagKeys=
    UpdatePipe PUT /v1/pipes/{Name}`,
  s3: `
    AbortMultipartUpload DELETE /{Bucket}/{Key+}?uploadId=
    CompleteMultipartUpload POST /{Bucket}/{Key+}?uploadId=
    CopyObject PUT /{Bucket}/{Key+} x-amz-copy-source
    CreateBucket PUT /{Bucket}
    CreateBucketMetadataConfiguration POST /{Bucket}?metadataConfiguration
    CreateBucketMetadataTableConfiguration POST /{Bucket}?metadataTable
    CreateMultipartUpload POST /{Bucket}/{Key+}?uploads
    CreateSession GET /{Bucket}?session
    DeleteBucket DELETE /{Bucket}
    DeleteBucketAnalyticsConfiguration DELETE /{Bucket}?analytics&id=
    DeleteBucketCors DELETE /{Bucket}?cors
    DeleteBucketEncryption DELETE /{Bucket}?encryption
    DeleteBucketIntelligentTieringConfiguration DELETE /{Bucket}?intelligent-tiering&id=
    DeleteBucketInventoryConfiguration DELETE /{Bucket}?inventory&id=
    DeleteBucketLifecycle DELETE /{Bucket}?lifecycle
    DeleteBucketMetadataConfiguration DELETE /{Bucket}?metadataConfiguration
    DeleteBucketMetadataTableConfiguration DELETE /{Bucket}?metadataTable
    DeleteBucketMetricsConfiguration DELETE /{Bucket}?metrics&id=
    DeleteBucketOwnershipControls DELETE /{Bucket}?ownershipControls
    DeleteBucketPolicy DELETE /{Bucket}?policy
    DeleteBucketReplication DELETE /{Bucket}?replication
    DeleteBucketTagging DELETE /{Bucket}?tagging
    DeleteBucketWebsite DELETE /{Bucket}?website
    DeleteObject DELETE /{Bucket}/{Key+}
    DeleteObjectTagging DELETE /{Bucket}/{Key+}?tagging
    DeleteObjects POST /{Bucket}?delete
    DeletePublicAccessBlock DELETE /{Bucket}?publicAccessBlock
    GetBucketAbac GET /{Bucket}?abac
    GetBucketAccelerateConfiguration GET /{Bucket}?accelerate
    GetBucketAcl GET /{Bucket}?acl
    GetBucketAnalyticsConfiguration GET /{Bucket}?analytics&id=
    GetBucketCors GET /{Bucket}?cors
    GetBucketEncryption GET /{Bucket}?encryption
    GetBucketIntelligentTieringConfiguration GET /{Bucket}?intelligent-tiering&id=
    GetBucketInventoryConfiguration GET /{Bucket}?inventory&id=
    GetBucketLifecycle GET /{Bucket}?lifecycle
    GetBucketLifecycleConfiguration GET /{Bucket}?lifecycle
    GetBucketLocation GET /{Bucket}?location
    GetBucketLogging GET /{Bucket}?logging
    GetBucketMetadataConfiguration GET /{Bucket}?metadataConfiguration
    GetBucketMetadataTableConfiguration GET /{Bucket}?metadataTable
    GetBucketMetricsConfiguration GET /{Bucket}?metrics&id=
    GetBucketNotification GET /{Bucket}?notification
    GetBucketNotificationConfiguration GET /{Bucket}?notification
    GetBucketOwnershipControls GET /{Bucket}?ownershipControls
    GetBucketPolicy GET /{Bucket}?policy
    GetBucketPolicyStatus GET /{Bucket}?policyStatus
    GetBucketReplication GET /{Bucket}?replication
    GetBucketRequestPayment GET /{Bucket}?requestPayment
    GetBucketTagging GET /{Bucket}?tagging
    GetBucketVersioning GET /{Bucket}?versioning
    GetBucketWebsite GET /{Bucket}?website
    GetObject GET /{Bucket}/{Key+}
    GetObjectAcl GET /{Bucket}/{Key+}?acl
    GetObjectAttributes GET /{Bucket}/{Key+}?attributes x-amz-object-attributes
    GetObjectLegalHold GET /{Bucket}/{Key+}?legal-hold
    GetObjectLockConfiguration GET /{Bucket}?object-lock
    GetObjectRetention GET /{Bucket}/{Key+}?retention
    GetObjectTagging GET /{Bucket}/{Key+}?tagging
    GetObjectTorrent GET /{Bucket}/{Key+}?torrent
    GetPublicAccessBlock GET /{Bucket}?publicAccessBlock
    HeadBucket HEAD /{Bucket}
    HeadObject HEAD /{Bucket}/{Key+}
    ListBucketAnalyticsConfigurations GET /{Bucket}?analytics
    ListBucketIntelligentTieringConfigurations GET /{Bucket}?intelligent-tiering
    ListBucketInventoryConfigurations GET /{Bucket}?inventory
    ListBucketMetricsConfigurations GET /{Bucket}?metrics
    ListBuckets GET /
    ListDirectoryBuckets GET /
    ListMultipartUploads GET /{Bucket}?uploads
    ListObjectVersions GET /{Bucket}?versions
    ListObjects GET /{Bucket}
    ListObjectsV2 GET /{Bucket}?list-type=2
    ListParts GET /{Bucket}/{Key+}?uploadId=
    PutBucketAbac PUT /{Bucket}?abac
    PutBucketAccelerateConfiguration PUT /{Bucket}?accelerate
    PutBucketAcl PUT /{Bucket}?acl
    PutBucketAnalyticsConfiguration PUT /{Bucket}?analytics&id=
    PutBucketCors PUT /{Bucket}?cors
    PutBucketEncryption PUT /{Bucket}?encryption
    PutBucketIntelligentTieringConfiguration PUT /{Bucket}?intelligent-tiering&id=
    PutBucketInventoryConfiguration PUT /{Bucket}?inventory&id=
    PutBucketLifecycle PUT /{Bucket}?lifecycle
    PutBucketLifecycleConfiguration PUT /{Bucket}?lifecycle
    PutBucketLogging PUT /{Bucket}?logging
    PutBucketMetricsConfiguration PUT /{Bucket}?metrics&id=
    PutBucketNotification PUT /{Bucket}?notification
    PutBucketNotificationConfiguration PUT /{Bucket}?notification
    PutBucketOwnershipControls PUT /{Bucket}?ownershipControls
    PutBucketPolicy PUT /{Bucket}?policy
    PutBucketReplication PUT /{Bucket}?replication
    PutBucketRequestPayment PUT /{Bucket}?requestPayment
    PutBucketTagging PUT /{Bucket}?tagging
    PutBucketVersioning PUT /{Bucket}?versioning
    PutBucketWebsite PUT /{Bucket}?website
    PutObject PUT /{Bucket}/{Key+}
    PutObjectAcl PUT /{Bucket}/{Key+}?acl
    PutObjectLegalHold PUT /{Bucket}/{Key+}?legal-hold
    PutObjectLockConfiguration PUT /{Bucket}?object-lock
    PutObjectRetention PUT /{Bucket}/{Key+}?retention
    PutObjectTagging PUT /{Bucket}/{Key+}?tagging
    PutPublicAccessBlock PUT /{Bucket}?publicAccessBlock
    RenameObject PUT /{Bucket}/{Key+}?renameObject x-amz-rename-source
    RestoreObject POST /{Bucket}/{Key+}?restore
    SelectObjectContent POST /{Bucket}/{Key+}?select&select-type=2
    UpdateBucketMetadataInventoryTableConfiguration PUT /{Bucket}?metadataInventoryTable
    UpdateBucketMetadataJournalTableConfiguration PUT /{Bucket}?metadataJournalTable
    UpdateObjectEncryption PUT /{Bucket}/{Key+}?encryption
    UploadPart PUT /{Bucket}/{Key+}?partNumber=&uploadId=
    UploadPartCopy PUT /{Bucket}/{Key+}?partNumber=&uploadId= x-amz-copy-source
    WriteGetObjectResponse POST /WriteGetObjectResponse x-amz-request-route x-amz-request-token`,
  scheduler: `
    CreateSchedule POST /schedules/{Name}
    CreateScheduleGroup POST /schedule-groups/{Name}
    DeleteSchedule DELETE /schedules/{Name}
    DeleteScheduleGroup DELETE /schedule-groups/{Name}
    GetSchedule GET /schedules/{Name}
    GetScheduleGroup GET /schedule-groups/{Name}
    ListScheduleGroups GET /schedule-groups
    ListSchedules GET /schedules
    ListTagsForResource GET /tags/{ResourceArn}
    TagResource POST /tags/{ResourceArn}
    UntagResource DELETE /tags/{ResourceArn}?TagKeys=
    UpdateSchedule PUT /schedules/{Name}`,
  secretsmanager: `
    BatchGetSecretValue CancelRotateSecret CreateSecret DeleteResourcePolicy DeleteSecret DescribeSecret GetRandomPassword
    GetResourcePolicy GetSecretValue ListSecretVersionIds ListSecrets PutResourcePolicy PutSecretValue
    RemoveRegionsFromReplication ReplicateSecretToRegions RestoreSecret RotateSecret StopReplicationToReplica TagResource
    UntagResource UpdateSecret UpdateSecretVersionStage ValidateResourcePolicy`,
  sns: `
    AddPermission CheckIfPhoneNumberIsOptedOut ConfirmSubscription CreatePlatformApplication CreatePlatformEndpoint
    CreateSMSSandboxPhoneNumber CreateTopic DeleteEndpoint DeletePlatformApplication DeleteSMSSandboxPhoneNumber DeleteTopic
    GetDataProtectionPolicy GetEndpointAttributes GetPlatformApplicationAttributes GetSMSAttributes GetSMSSandboxAccountStatus
    GetSubscriptionAttributes GetTopicAttributes ListEndpointsByPlatformApplication ListOriginationNumbers
    ListPhoneNumbersOptedOut ListPlatformApplications ListSMSSandboxPhoneNumbers ListSubscriptions ListSubscriptionsByTopic
    ListTagsForResource ListTopics OptInPhoneNumber Publish PublishBatch PutDataProtectionPolicy RemovePermission
    SetEndpointAttributes SetPlatformApplicationAttributes SetSMSAttributes SetSubscriptionAttributes SetTopicAttributes
    Subscribe TagResource Unsubscribe UntagResource VerifySMSSandboxPhoneNumber`,
  sqs: `
    AddPermission CancelMessageMoveTask ChangeMessageVisibility ChangeMessageVisibilityBatch CreateQueue DeleteMessage
    DeleteMessageBatch DeleteQueue GetQueueAttributes GetQueueUrl ListDeadLetterSourceQueues ListMessageMoveTasks ListQueueTags
    ListQueues PurgeQueue ReceiveMessage RemovePermission SendMessage SendMessageBatch SetQueueAttributes StartMessageMoveTask
    TagQueue UntagQueue`,
  ssm: `
    AddTagsToResource AssociateOpsItemRelatedItem CancelCommand CancelMaintenanceWindowExecution CreateActivation
    CreateAssociation CreateAssociationBatch CreateDocument CreateMaintenanceWindow CreateOpsItem CreateOpsMetadata
    CreatePatchBaseline CreateResourceDataSync DeleteActivation DeleteAssociation DeleteDocument DeleteInventory
    DeleteMaintenanceWindow DeleteOpsItem DeleteOpsMetadata DeleteParameter DeleteParameters DeletePatchBaseline
    DeleteResourceDataSync DeleteResourcePolicy DeregisterManagedInstance DeregisterPatchBaselineForPatchGroup
    DeregisterTargetFromMaintenanceWindow DeregisterTaskFromMaintenanceWindow DescribeActivations DescribeAssociation
    DescribeAssociationExecutionTargets DescribeAssociationExecutions DescribeAutomationExecutions
    DescribeAutomationStepExecutions DescribeAvailablePatches DescribeDocument DescribeDocumentPermission
    DescribeEffectiveInstanceAssociations DescribeEffectivePatchesForPatchBaseline DescribeInstanceAssociationsStatus
    DescribeInstanceInformation DescribeInstancePatchStates DescribeInstancePatchStatesForPatchGroup DescribeInstancePatches
    DescribeInstanceProperties DescribeInventoryDeletions DescribeMaintenanceWindowExecutionTaskInvocations
    DescribeMaintenanceWindowExecutionTasks DescribeMaintenanceWindowExecutions DescribeMaintenanceWindowSchedule
    DescribeMaintenanceWindowTargets DescribeMaintenanceWindowTasks DescribeMaintenanceWindows
    DescribeMaintenanceWindowsForTarget DescribeOpsItems DescribeParameters DescribePatchBaselines DescribePatchGroupState
    DescribePatchGroups DescribePatchProperties DescribeSessions DisassociateOpsItemRelatedItem GetAccessToken
    GetAutomationExecution GetCalendarState GetCommandInvocation GetConnectionStatus GetDefaultPatchBaseline
    GetDeployablePatchSnapshotForInstance GetDocument GetExecutionPreview GetInventory GetInventorySchema GetMaintenanceWindow
    GetMaintenanceWindowExecution GetMaintenanceWindowExecutionTask GetMaintenanceWindowExecutionTaskInvocation
    GetMaintenanceWindowTask GetOpsItem GetOpsMetadata GetOpsSummary GetParameter GetParameterHistory GetParameters
    GetParametersByPath GetPatchBaseline GetPatchBaselineForPatchGroup GetResourcePolicies GetServiceSetting
    LabelParameterVersion ListAssociationVersions ListAssociations ListCommandInvocations ListCommands ListComplianceItems
    ListComplianceSummaries ListDocumentMetadataHistory ListDocumentVersions ListDocuments ListInventoryEntries ListNodes
    ListNodesSummary ListOpsItemEvents ListOpsItemRelatedItems ListOpsMetadata ListResourceComplianceSummaries
    ListResourceDataSync ListTagsForResource ModifyDocumentPermission PutComplianceItems PutInventory PutParameter
    PutResourcePolicy RegisterDefaultPatchBaseline RegisterPatchBaselineForPatchGroup RegisterTargetWithMaintenanceWindow
    RegisterTaskWithMaintenanceWindow RemoveTagsFromResource ResetServiceSetting ResumeSession SendAutomationSignal SendCommand
    StartAccessRequest StartAssociationsOnce StartAutomationExecution StartChangeRequestExecution StartExecutionPreview
    StartSession StopAutomationExecution TerminateSession UnlabelParameterVersion UpdateAssociation UpdateAssociationStatus
    UpdateDocument UpdateDocumentDefaultVersion UpdateDocumentMetadata UpdateMaintenanceWindow UpdateMaintenanceWindowTarget
    UpdateMaintenanceWindowTask UpdateManagedInstanceRole UpdateOpsItem UpdateOpsMetadata UpdatePatchBaseline
    UpdateResourceDataSync UpdateServiceSetting`,
  states: `
    CreateActivity CreateStateMachine CreateStateMachineAlias DeleteActivity DeleteStateMachine DeleteStateMachineAlias
    DeleteStateMachineVersion DescribeActivity DescribeExecution DescribeMapRun DescribeStateMachine DescribeStateMachineAlias
    DescribeStateMachineForExecution GetActivityTask GetExecutionHistory ListActivities ListExecutions ListMapRuns
    ListStateMachineAliases ListStateMachineVersions ListStateMachines ListTagsForResource PublishStateMachineVersion
    RedriveExecution SendTaskFailure SendTaskHeartbeat SendTaskSuccess StartExecution StartSyncExecution StopExecution
    TagResource TestState UntagResource UpdateMapRun UpdateStateMachine UpdateStateMachineAlias ValidateStateMachineDefinition`,
  sts: `
    AssumeRole AssumeRoleWithSAML AssumeRoleWithWebIdentity AssumeRoot DecodeAuthorizationMessage GetAccessKeyInfo
    GetCallerIdentity GetDelegatedAccessToken GetFederationToken GetSessionToken GetWebIdentityToken`,
  tagging: `
    DescribeReportCreation GetComplianceSummary GetResources GetTagKeys GetTagValues ListRequiredTags StartReportCreation
    TagResources UntagResources`,
}
