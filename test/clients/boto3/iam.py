"""IAM, STS and the Tagging API, by boto3: prints what was seen, what was refused, and the operations that were called."""
import base64
import json
import sys

import boto3
from botocore.exceptions import ClientError

URL = sys.argv[1]
called, refused, seen = set(), {}, {}


def client(name, key="test"):
    made = boto3.client(name, endpoint_url=URL, region_name="eu-central-1", aws_access_key_id=key, aws_secret_access_key="test")
    made.meta.events.register("before-call", lambda model, **_: called.add(f"{name}.{model.name}"))
    return made


def refusal(name, call, **arguments):
    try:
        call(**arguments)
        refused[name] = "not refused"
    except ClientError as error:
        refused[name] = error.response["Error"]["Code"]


iam = client("iam")
trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": ["*"], "Condition": {"StringLike": {"aws:a": "ü & <é>"}}}]}
TRUST, POLICY = json.dumps(trust), json.dumps(policy)
TAGS = [{"Key": "team", "Value": "a"}]
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"

# Managed policies
arn = iam.create_policy(PolicyName="p", PolicyDocument=POLICY, Description="d", Tags=TAGS)["Policy"]["Arn"]
iam.create_policy_version(PolicyArn=arn, PolicyDocument=POLICY)
iam.set_default_policy_version(PolicyArn=arn, VersionId="v2")
seen["policy"] = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
seen["document"] = iam.get_policy_version(PolicyArn=arn, VersionId="v2")["PolicyVersion"]["Document"] == policy
iam.delete_policy_version(PolicyArn=arn, VersionId="v1")
seen["versions"] = [v["VersionId"] for v in iam.list_policy_versions(PolicyArn=arn)["Versions"]]
seen["local"] = [p["PolicyName"] for p in iam.list_policies(Scope="Local")["Policies"]]
seen["aws"] = sum(len(page["Policies"]) for page in iam.get_paginator("list_policies").paginate(Scope="AWS")) > 1000
iam.tag_policy(PolicyArn=arn, Tags=[{"Key": "stage", "Value": "x"}])
iam.untag_policy(PolicyArn=arn, TagKeys=["stage"])
seen["policyTags"] = iam.list_policy_tags(PolicyArn=arn)["Tags"]

# Roles, users and groups, each with inline and attached policies
iam.create_role(RoleName="r", AssumeRolePolicyDocument=TRUST)
iam.create_user(UserName="x")
iam.create_group(GroupName="x")
iam.update_user(UserName="x", NewUserName="u")
iam.update_group(GroupName="x", NewGroupName="g")
iam.add_user_to_group(GroupName="g", UserName="u")
for kind, name in (("role", "r"), ("user", "u"), ("group", "g")):
    who = {f"{kind.capitalize()}Name": name}
    do = lambda form, **more: getattr(iam, form.format(kind))(**who, **more)
    do("put_{}_policy", PolicyName="i", PolicyDocument=POLICY)
    assert do("get_{}_policy", PolicyName="i")["PolicyDocument"] == policy
    assert do("list_{}_policies")["PolicyNames"] == ["i"]
    do("attach_{}_policy", PolicyArn=arn)
    do("attach_{}_policy", PolicyArn=ADMIN)
    assert [p["PolicyName"] for p in do("list_attached_{}_policies")["AttachedPolicies"]] == ["AdministratorAccess", "p"]
    if kind != "group":
        do("tag_{}", Tags=TAGS)
        assert do("list_{}_tags")["Tags"] == TAGS
        do("untag_{}", TagKeys=["team"])
        do("put_{}_permissions_boundary", PermissionsBoundary=ADMIN)
        do("delete_{}_permissions_boundary")
seen["entities"] = sorted(key for key, value in iam.list_entities_for_policy(PolicyArn=arn).items() if key.startswith("Policy") and value)
refusal("DeletePolicy", iam.delete_policy, PolicyArn=arn)
iam.update_role(RoleName="r", MaxSessionDuration=7200)
iam.update_role_description(RoleName="r", Description="d")
iam.update_assume_role_policy(RoleName="r", PolicyDocument=TRUST)
role = iam.get_role(RoleName="r")["Role"]
seen["role"] = [role["Description"], role["MaxSessionDuration"], role["AssumeRolePolicyDocument"] == trust]
seen["lists"] = [len(iam.list_roles()["Roles"]), len(iam.list_users()["Users"]), len(iam.list_groups()["Groups"])]
seen["group"] = [u["UserName"] for u in iam.get_group(GroupName="g")["Users"]]
seen["groups"] = [g["GroupName"] for g in iam.list_groups_for_user(UserName="u")["Groups"]]

# Instance profiles
iam.create_instance_profile(InstanceProfileName="ip", Tags=TAGS)
iam.add_role_to_instance_profile(InstanceProfileName="ip", RoleName="r")
iam.tag_instance_profile(InstanceProfileName="ip", Tags=[{"Key": "stage", "Value": "x"}])
iam.untag_instance_profile(InstanceProfileName="ip", TagKeys=["stage"])
seen["profileTags"] = iam.list_instance_profile_tags(InstanceProfileName="ip")["Tags"]
seen["profile"] = iam.get_instance_profile(InstanceProfileName="ip")["InstanceProfile"]["Roles"][0]["RoleName"]
seen["profiles"] = [len(iam.list_instance_profiles()["InstanceProfiles"]), len(iam.list_instance_profiles_for_role(RoleName="r")["InstanceProfiles"])]
refusal("DeleteRole", iam.delete_role, RoleName="r")

# How users sign in, and STS
key = iam.create_access_key(UserName="u")["AccessKey"]["AccessKeyId"]
iam.update_access_key(UserName="u", AccessKeyId=key, Status="Inactive")
seen["keys"] = [k["Status"] for k in iam.list_access_keys(UserName="u")["AccessKeyMetadata"]]
seen["lastUsed"] = iam.get_access_key_last_used(AccessKeyId=key)["UserName"]
seen["caller"] = client("sts", key).get_caller_identity()["Arn"]
seen["self"] = client("iam", key).get_user()["User"]["UserName"]
sts = client("sts")
session = sts.assume_role(RoleArn=role["Arn"], RoleSessionName="me", DurationSeconds=7200)
seen["assumed"] = session["AssumedRoleUser"]["AssumedRoleId"] == f"{role['RoleId']}:me"
part = lambda claims: base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
token = f"{part({'alg': 'none'})}.{part({'sub': 'subject', 'aud': 'a', 'iss': 'https://i.example'})}.x"
seen["web"] = sts.assume_role_with_web_identity(RoleArn=role["Arn"], RoleSessionName="me", WebIdentityToken=token)["Provider"]
seen["session"] = len(sts.get_session_token()["Credentials"]["AccessKeyId"])
seen["federated"] = sts.get_federation_token(Name="guest")["FederatedUser"]["FederatedUserId"]
seen["info"] = sts.get_access_key_info(AccessKeyId=key)["Account"]
refusal("DecodeAuthorizationMessage", sts.decode_authorization_message, EncodedMessage="x")
iam.create_login_profile(UserName="u", Password="secret")
iam.update_login_profile(UserName="u", PasswordResetRequired=True)
seen["login"] = iam.get_login_profile(UserName="u")["LoginProfile"]["PasswordResetRequired"]
iam.delete_login_profile(UserName="u")
iam.delete_access_key(UserName="u", AccessKeyId=key)
empty = [iam.list_mfa_devices(), iam.list_virtual_mfa_devices(), iam.list_ssh_public_keys(UserName="u"), iam.list_signing_certificates(UserName="u"), iam.list_server_certificates()]
seen["empty"] = [value for answer in empty for key_, value in answer.items() if isinstance(value, list)]
seen["credentials"] = iam.list_service_specific_credentials(UserName="u")["ServiceSpecificCredentials"]

# Identity providers, service-linked roles, the account
oidc = iam.create_open_id_connect_provider(Url="https://i.example", ClientIDList=["a"], ThumbprintList=["0" * 40])["OpenIDConnectProviderArn"]
iam.add_client_id_to_open_id_connect_provider(OpenIDConnectProviderArn=oidc, ClientID="b")
iam.remove_client_id_from_open_id_connect_provider(OpenIDConnectProviderArn=oidc, ClientID="a")
iam.update_open_id_connect_provider_thumbprint(OpenIDConnectProviderArn=oidc, ThumbprintList=["1" * 40])
iam.tag_open_id_connect_provider(OpenIDConnectProviderArn=oidc, Tags=TAGS)
seen["oidcTags"] = iam.list_open_id_connect_provider_tags(OpenIDConnectProviderArn=oidc)["Tags"]
iam.untag_open_id_connect_provider(OpenIDConnectProviderArn=oidc, TagKeys=["team"])
got = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=oidc)
seen["oidc"] = [got["Url"], got["ClientIDList"], got["ThumbprintList"], len(iam.list_open_id_connect_providers()["OpenIDConnectProviderList"])]
iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=oidc)
metadata = f'<EntityDescriptor entityID="i">{"x" * 1000}</EntityDescriptor>'
saml = iam.create_saml_provider(Name="saml", SAMLMetadataDocument=metadata)["SAMLProviderArn"]
iam.update_saml_provider(SAMLProviderArn=saml, SAMLMetadataDocument=metadata)
iam.tag_saml_provider(SAMLProviderArn=saml, Tags=TAGS)
seen["samlTags"] = iam.list_saml_provider_tags(SAMLProviderArn=saml)["Tags"]
iam.untag_saml_provider(SAMLProviderArn=saml, TagKeys=["team"])
seen["saml"] = [iam.get_saml_provider(SAMLProviderArn=saml)["SAMLMetadataDocument"] == metadata, len(iam.list_saml_providers()["SAMLProviderList"])]
iam.delete_saml_provider(SAMLProviderArn=saml)
iam.create_service_linked_role(AWSServiceName="ecs.amazonaws.com")
task = iam.delete_service_linked_role(RoleName="AWSServiceRoleForECS")["DeletionTaskId"]
seen["task"] = iam.get_service_linked_role_deletion_status(DeletionTaskId=task)["Status"]
iam.create_account_alias(AccountAlias="shop")
seen["aliases"] = iam.list_account_aliases()["AccountAliases"]
iam.delete_account_alias(AccountAlias="shop")
iam.update_account_password_policy(MinimumPasswordLength=12, MaxPasswordAge=9)
seen["passwords"] = iam.get_account_password_policy()["PasswordPolicy"]["MinimumPasswordLength"]
iam.delete_account_password_policy()
seen["summary"] = {name: count for name, count in iam.get_account_summary()["SummaryMap"].items() if name in ("Roles", "Users", "Groups", "Policies")}

# The Tagging API
tagging = client("resourcegroupstaggingapi")
seen["tagged"] = [r["ResourceARN"] for r in tagging.get_resources(TagFilters=[{"Key": "team", "Values": ["a"]}])["ResourceTagMappingList"]]
seen["failed"] = tagging.tag_resources(ResourceARNList=[arn], Tags={"stage": "x"})["FailedResourcesMap"]
seen["tagKeys"] = tagging.get_tag_keys()["TagKeys"]
seen["tagValues"] = tagging.get_tag_values(Key="stage")["TagValues"]
tagging.untag_resources(ResourceARNList=[arn], TagKeys=["stage"])

# All of it goes again
iam.remove_role_from_instance_profile(InstanceProfileName="ip", RoleName="r")
iam.delete_instance_profile(InstanceProfileName="ip")
iam.remove_user_from_group(GroupName="g", UserName="u")
for kind, name in (("role", "r"), ("user", "u"), ("group", "g")):
    who = {f"{kind.capitalize()}Name": name}
    do = lambda form, **more: getattr(iam, form.format(kind))(**who, **more)
    do("delete_{}_policy", PolicyName="i")
    do("detach_{}_policy", PolicyArn=arn)
    do("detach_{}_policy", PolicyArn=ADMIN)
    do("delete_{}")
iam.delete_policy(PolicyArn=arn)
seen["left"] = [len(iam.list_roles()["Roles"]), len(iam.list_users()["Users"]), len(iam.list_groups()["Groups"]), len(iam.list_policies(Scope="Local")["Policies"])]

# What is not here is refused in each protocol, so that the client can show why.
refusal("SimulatePrincipalPolicy", iam.simulate_principal_policy, PolicySourceArn=ADMIN, ActionNames=["s3:GetObject"])
refusal("rds", client("rds").describe_db_instances)
refusal("ses", client("ses").list_identities)
refusal("elasticache", client("elasticache").describe_cache_clusters)
refusal("autoscaling", client("autoscaling").describe_auto_scaling_groups)
refusal("ec2", client("ec2").describe_vpcs)
refusal("route53", client("route53").list_hosted_zones)
refusal("cloudfront", client("cloudfront").list_distributions)
refusal("ecs", client("ecs").list_clusters)
refusal("athena", client("athena").list_work_groups)
refusal("eks", client("eks").list_clusters)
print(json.dumps({"seen": seen, "refused": refused, "called": sorted(called)}))
