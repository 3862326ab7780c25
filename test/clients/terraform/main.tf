terraform {
  required_providers { aws = { source = "hashicorp/aws" } }
}
variable "comment" { default = "one" }
provider "aws" {
  region            = "us-east-1"
  s3_use_path_style = true
}
data "aws_caller_identity" "me" {}
data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["states.amazonaws.com", "scheduler.amazonaws.com"]
    }
  }
}
resource "aws_iam_role" "machine" {
  name               = "machine"
  path               = "/tf/"
  description        = "runs the machine, ${var.comment}"
  assume_role_policy = data.aws_iam_policy_document.trust.json
  tags               = { team = var.comment }
}
resource "aws_iam_role_policy" "inline" {
  name   = "inline"
  role   = aws_iam_role.machine.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = ["sqs:SendMessage"], Resource = aws_sqs_queue.jobs.arn }] })
}
resource "aws_iam_policy" "managed" {
  name        = "managed"
  description = "may publish"
  policy      = jsonencode({ Version = "2012-10-17", Statement = [{ Sid = var.comment, Effect = "Allow", Action = "sns:Publish", Resource = aws_sns_topic.news.arn }] })
}
resource "aws_iam_role_policy_attachment" "own" {
  role       = aws_iam_role.machine.name
  policy_arn = aws_iam_policy.managed.arn
}
resource "aws_iam_role_policy_attachment" "aws" {
  role       = aws_iam_role.machine.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaRole"
}
resource "aws_iam_instance_profile" "machine" {
  name = "machine"
  role = aws_iam_role.machine.name
}
resource "aws_iam_user" "person" {
  name = "person"
}
resource "aws_iam_access_key" "person" {
  user = aws_iam_user.person.name
}
resource "aws_iam_user_policy" "person" {
  name   = "inline"
  user   = aws_iam_user.person.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] })
}
resource "aws_iam_user_policy_attachment" "person" {
  user       = aws_iam_user.person.name
  policy_arn = aws_iam_policy.managed.arn
}
resource "aws_iam_group_policy_attachment" "people" {
  group      = aws_iam_group.people.name
  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}
resource "aws_iam_group" "people" {
  name = "people"
}
resource "aws_iam_group_membership" "people" {
  name  = "people"
  group = aws_iam_group.people.name
  users = [aws_iam_user.person.name]
}
resource "aws_iam_openid_connect_provider" "ci" {
  url             = "https://token.actions.githubusercontent.com"
  client_id_list  = ["sts.amazonaws.com"]
  thumbprint_list = ["6938fd4d98bab03faadb97b34396831e3780aea1"]
}
resource "aws_iam_service_linked_role" "containers" {
  aws_service_name = "ecs.amazonaws.com"
}
resource "aws_iam_account_alias" "shop" {
  account_alias = "shop"
}
resource "aws_iam_account_password_policy" "strict" {
  minimum_password_length = 10
  require_numbers         = true
  max_password_age        = 90
}
data "aws_iam_policy" "bound" {
  name = "PowerUserAccess"
}
resource "aws_iam_role" "bounded" {
  name_prefix          = "bounded-"
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  permissions_boundary = data.aws_iam_policy.bound.arn
  max_session_duration = 7200
}
resource "aws_sqs_queue" "jobs" {
  name                       = "jobs"
  visibility_timeout_seconds = 45
  tags                       = { team = "jobs" }
}
resource "aws_sns_topic" "news" {
  name = "news"
}
resource "aws_sns_topic_subscription" "news" {
  topic_arn            = aws_sns_topic.news.arn
  protocol             = "sqs"
  endpoint             = aws_sqs_queue.jobs.arn
  raw_message_delivery = true
}
resource "aws_s3_bucket" "files" {
  bucket        = "tf-files"
  force_destroy = true
  tags          = { team = "files" }
}
resource "aws_dynamodb_table" "orders" {
  name         = "orders"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
}
resource "aws_cloudwatch_log_group" "runs" {
  name              = "/aws/vendedlogs/states/runs"
  retention_in_days = 7
}
resource "aws_sfn_activity" "work" {
  name = "work"
}
resource "aws_sfn_state_machine" "machine" {
  name     = "machine"
  role_arn = aws_iam_role.machine.arn
  publish  = true
  definition = jsonencode({
    Comment = var.comment
    StartAt = "Send"
    States = {
      Send = { Type = "Task", Resource = "arn:aws:states:::sqs:sendMessage", Parameters = { QueueUrl = aws_sqs_queue.jobs.url, MessageBody = "hello" }, End = true }
    }
  })
  logging_configuration {
    log_destination        = "${aws_cloudwatch_log_group.runs.arn}:*"
    include_execution_data = true
    level                  = "ALL"
  }
  tags = { team = "machine" }
}
resource "aws_sfn_alias" "live" {
  name = "live"
  routing_configuration {
    state_machine_version_arn = aws_sfn_state_machine.machine.state_machine_version_arn
    weight                    = 100
  }
}
resource "aws_cloudwatch_event_bus" "orders" {
  name        = "orders"
  description = "events of orders, ${var.comment}"
}
resource "aws_cloudwatch_event_bus_policy" "orders" {
  event_bus_name = aws_cloudwatch_event_bus.orders.name
  policy         = jsonencode({ Version = "2012-10-17", Statement = [{ Sid = "all", Effect = "Allow", Principal = "*", Action = "events:PutEvents", Resource = aws_cloudwatch_event_bus.orders.arn }] })
}
resource "aws_cloudwatch_event_permission" "other" {
  principal    = "123456789012"
  statement_id = "other"
}
resource "aws_cloudwatch_event_rule" "placed" {
  name           = "placed"
  event_bus_name = aws_cloudwatch_event_bus.orders.name
  event_pattern  = jsonencode({ source = ["shop"] })
  tags           = { team = "rule" }
}
resource "aws_cloudwatch_event_target" "placed" {
  rule           = aws_cloudwatch_event_rule.placed.name
  event_bus_name = aws_cloudwatch_event_bus.orders.name
  target_id      = "machine"
  arn            = aws_sfn_state_machine.machine.arn
  role_arn       = aws_iam_role.machine.arn
}
resource "aws_scheduler_schedule_group" "nightly" {
  name = "nightly"
}
resource "aws_scheduler_schedule" "nightly" {
  name                = "nightly"
  group_name          = aws_scheduler_schedule_group.nightly.name
  schedule_expression = "rate(1 hours)"
  flexible_time_window {
    mode = "OFF"
  }
  target {
    arn      = aws_sfn_state_machine.machine.arn
    role_arn = aws_iam_role.machine.arn
    input    = jsonencode({ comment = var.comment })
  }
}
output "machine" { value = aws_sfn_state_machine.machine.arn }
output "account" { value = data.aws_caller_identity.me.account_id }
output "role_id" { value = aws_iam_role.machine.unique_id }
