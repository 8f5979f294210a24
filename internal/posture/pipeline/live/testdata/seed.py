"""Fills a moto server, whose address is the argument, with one project and all that surrounds it; prints the VPC."""
import json
import sys

import boto3

def client(name):
    return boto3.client(name, endpoint_url=sys.argv[1], region_name="eu-west-1", aws_access_key_id="AKIDFAKE", aws_secret_access_key="secret")

ec2, iam = client("ec2"), client("iam")
vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
group = ec2.create_security_group(GroupName="build", Description="d", VpcId=vpc)["GroupId"]
gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
main = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["RouteTables"][0]["RouteTableId"]
ec2.create_route(RouteTableId=main, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
ec2.create_vpc_endpoint(VpcId=vpc, ServiceName="com.amazonaws.eu-west-1.s3")
secret = client("secretsmanager").create_secret(Name="app/token", SecretString="never asked for")["ARN"]
client("ssm").put_parameter(Name="/app/db_password", Type="String", Value="never asked for")
trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": s + ".amazonaws.com"}, "Action": "sts:AssumeRole"} for s in ("codebuild", "codepipeline")]}
allow = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
role = iam.create_role(RoleName="web", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
iam.put_role_policy(RoleName="web", PolicyName="all", PolicyDocument=json.dumps(allow))
client("codebuild").create_project(
    name="web", source={"type": "GITHUB", "location": "https://github.com/acme/web.git"}, artifacts={"type": "NO_ARTIFACTS"}, serviceRole=role,
    environment={"type": "LINUX_CONTAINER", "image": "aws/codebuild/standard:7.0", "computeType": "BUILD_GENERAL1_SMALL", "environmentVariables": [
        {"name": "T", "type": "SECRETS_MANAGER", "value": secret}, {"name": "P", "type": "PARAMETER_STORE", "value": "/app/db_password"}]},
    vpcConfig={"vpcId": vpc, "subnets": [subnet], "securityGroupIds": [group]})
def action(name, category, configuration):
    return {"name": name, "actionTypeId": {"category": category, "owner": "AWS", "provider": "S3", "version": "1"}, "configuration": configuration}
client("codepipeline").create_pipeline(pipeline={"name": "ship", "roleArn": role, "artifactStore": {"type": "S3", "location": "bucket"}, "stages": [
    {"name": "In", "actions": [action("Fetch", "Source", {"S3Bucket": "bucket", "S3ObjectKey": "key"}) | {"outputArtifacts": [{"name": "a"}]}]},
    {"name": "Out", "actions": [action("Ship", "Deploy", {"BucketName": "bucket", "Extract": "true"}) | {"inputArtifacts": [{"name": "a"}]}]}]})
print(vpc, end="")
