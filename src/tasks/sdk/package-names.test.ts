import { expect, test } from 'vitest'

import { isListedService, packageNameOf } from './package-names.ts'

/** Of the developer guide's list, those whose names are not simply their packages' or are easily forgotten. */
const OF_AWS = `sagemakera2iruntime apigateway apigatewayv2 account amplifyuibuilder appmesh apprunner appconfigdata appfabric
  applicationautoscaling applicationcostprofiler applicationdiscovery mgn auditmanager dsql autoscalingplans b2bi backupgateway
  backupsearch bedrockagentruntime bcmpricingcalculator acmpca chimesdkidentity cleanroomsml cloudcontrol servicediscovery
  cloudfrontkeyvaluestore cloudhsmv2 cloudtraildata applicationsignals cloudwatchlogs oam observabilityadmin rum synthetics
  codecatalyst codegurusecurity codestarnotifications cognitoidentityprovider config connectcampaignsv2 connectcontactlens
  customerprofiles voiceid wisdom controlcatalog costexplorer costandusagereport bedrockdataautomation bcmdataexports
  datapipeline databasemigration deadline devopsguru directory directoryservicedata docdbelastic dynamodbstreams
  ec2instanceconnect eksauth elasticinference elasticloadbalancingv2 elasticsearch socialmessaging entityresolution pipes
  finspacedata freetier databrew medicalimaging honeycode rolesanywhere ivsrealtime ssmincidents inspectorscan inspector2
  iotdeviceadvisor ioteventsdata iotfleethub iotfleetwise iotjobsdataplane iotthingsgraph kendraranking kinesisanalyticsv2
  kinesisvideosignaling kinesisvideowebrtcstorage launchwizard lexmodelbuilding lexmodelsv2 lexruntime lexruntimev2
  licensemanagerlinuxsubscriptions licensemanagerusersubscriptions geomaps mq kafkaconnect mwaa macie2 mailmanager m2 apptest
  managedblockchainquery grafana marketplacecommerceanalytics marketplaceentitlement marketplacereporting mturk mediapackagev2
  mediapackagevod mediatailor memorydb migrationhub migrationhubconfig migrationhuborchestrator migrationhubrefactorspaces
  migrationhubstrategy neptunegraph networkflowmonitor networkmonitor omics osis opensearchserverless opsworkscm panorama pcs
  partnercentralselling paymentcryptographydata personalizeruntime pinpointemail pinpointsmsvoicev2 privatenetworks
  pcaconnectorad pcaconnectorscep amp qapps qbusiness qconnect qldbsession rdsdata pi rbin redshiftserverless resiliencehub ram
  resourceexplorer2 resourcegroupstaggingapi robomaker arczonalshift route53domains route53profiles
  route53recoverycontrolconfig route53resolver route53recoverycluster bedrockdataautomationruntime s3control glacier s3tables
  s3outposts sesv2 identitystore ssoadmin ssooidc swf sagemakeredge sagemakerfeaturestoreruntime sagemakergeospatial
  sagemakermetrics savingsplans securityir securitylake sms serverlessapplicationrepository servicecatalogappregistry
  simspaceweaver snowdevicemanagement sfn supplychain supportapp ssmquicksetup ssmsap taxsettings tnb timestreaminfluxdb
  trustedadvisor notificationscontacts vpclattice verifiedpermissions wafregional wafv2 workmailmessageflow
  workspacesthinclient workspacesweb xray repostspace`

test('each service that AWS lists is known', () => {
  expect(
    OF_AWS.trim()
      .split(/\s+/)
      .filter((name) => !isListedService(name)),
  ).toEqual([])
})

test('the package of a service is told by its name', () => {
  const names = ['secretsmanager', 'directory', 'config', 'sqs'].map(packageNameOf)
  expect(names.map((name) => name.slice('@aws-sdk/client-'.length))).toEqual([
    'secrets-manager',
    'directory-service',
    'config-service',
    'sqs',
  ])
})
