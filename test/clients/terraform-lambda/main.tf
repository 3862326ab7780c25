terraform {
  required_providers { aws = { source = "hashicorp/aws" } }
}
variable "comment" { default = "one" }
variable "role" { default = "arn:aws:iam::123456789012:role/lambda" }
provider "aws" {
  region                      = "us-east-1"
  s3_use_path_style           = true
  skip_credentials_validation = true
}
resource "aws_sqs_queue" "work" {
  name                       = "tf-lambda-work"
  visibility_timeout_seconds = 60
}
resource "aws_sqs_queue" "told" { name = "tf-lambda-told" }
resource "aws_sqs_queue" "dead" { name = "tf-lambda-dead" }
resource "aws_lambda_layer_version" "tools" {
  layer_name          = "tf-tools"
  filename            = "${path.module}/layer.zip"
  source_code_hash    = filebase64sha256("${path.module}/layer.zip")
  compatible_runtimes = ["nodejs22.x"]
  description         = "one"
}
resource "aws_lambda_layer_version_permission" "tools" {
  layer_name     = aws_lambda_layer_version.tools.layer_name
  version_number = aws_lambda_layer_version.tools.version
  statement_id   = "other"
  action         = "lambda:GetLayerVersion"
  principal      = "111122223333"
}
resource "aws_lambda_code_signing_config" "signing" {
  allowed_publishers { signing_profile_version_arns = ["arn:aws:signer:us-east-1:123456789012:/signing-profiles/p/v"] }
  policies { untrusted_artifact_on_deployment = "Warn" }
}
resource "aws_lambda_function" "f" {
  function_name                  = "tf-f"
  role                           = var.role
  runtime                        = "nodejs22.x"
  handler                        = "index.handler"
  filename                       = "${path.module}/code.zip"
  source_code_hash               = filebase64sha256("${path.module}/code.zip")
  description                    = "comment ${var.comment}"
  timeout                        = 10
  memory_size                    = 256
  publish                        = true
  reserved_concurrent_executions = 5
  layers                         = [aws_lambda_layer_version.tools.arn]
  code_signing_config_arn        = aws_lambda_code_signing_config.signing.arn
  environment { variables = { COMMENT = var.comment } }
  dead_letter_config { target_arn = aws_sqs_queue.dead.arn }
  ephemeral_storage { size = 1024 }
  tracing_config { mode = "Active" }
  logging_config {
    log_format = "Text"
    log_group  = "/tf/lambda"
  }
  tags = { team = var.comment }
}
resource "aws_lambda_alias" "live" {
  name             = "live"
  function_name    = aws_lambda_function.f.function_name
  function_version = aws_lambda_function.f.version
}
resource "aws_lambda_permission" "bucket" {
  statement_id   = "AllowBucket"
  action         = "lambda:InvokeFunction"
  function_name  = aws_lambda_function.f.function_name
  principal      = "s3.amazonaws.com"
  source_arn     = "arn:aws:s3:::some-bucket"
  source_account = "123456789012"
}
resource "aws_lambda_permission" "alias" {
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.f.function_name
  qualifier     = aws_lambda_alias.live.name
  principal     = "arn:aws:iam::111122223333:root"
}
resource "aws_lambda_function_url" "url" {
  function_name      = aws_lambda_function.f.function_name
  authorization_type = "NONE"
  cors {
    allow_origins = ["https://${var.comment}.example"]
    allow_methods = ["GET"]
    max_age       = 60
  }
}
resource "aws_lambda_function_event_invoke_config" "told" {
  function_name                = aws_lambda_function.f.function_name
  maximum_retry_attempts       = 0
  maximum_event_age_in_seconds = 120
  destination_config {
    on_success { destination = aws_sqs_queue.told.arn }
  }
}
resource "aws_lambda_event_source_mapping" "work" {
  event_source_arn        = aws_sqs_queue.work.arn
  function_name           = aws_lambda_alias.live.arn
  batch_size              = 5
  enabled                 = true
  function_response_types = ["ReportBatchItemFailures"]
  filter_criteria {
    filter { pattern = jsonencode({ body = { kind = ["order"] } }) }
  }
  scaling_config { maximum_concurrency = 3 }
}
resource "aws_lambda_provisioned_concurrency_config" "live" {
  function_name                     = aws_lambda_alias.live.function_name
  qualifier                         = aws_lambda_alias.live.name
  provisioned_concurrent_executions = 1
}
resource "aws_lambda_runtime_management_config" "f" {
  function_name     = aws_lambda_function.f.function_name
  update_runtime_on = "FunctionUpdate"
}
resource "aws_lambda_function_recursion_config" "f" {
  function_name  = aws_lambda_function.f.function_name
  recursive_loop = "Allow"
}
data "aws_lambda_function" "f" {
  function_name = aws_lambda_function.f.function_name
  depends_on    = [aws_lambda_alias.live]
}
output "url" { value = aws_lambda_function_url.url.function_url }
output "version" { value = aws_lambda_function.f.version }
output "invoke_arn" { value = aws_lambda_function.f.invoke_arn }
output "data_arn" { value = data.aws_lambda_function.f.arn }
