terraform {
  required_providers { aws = { source = "hashicorp/aws" } }
}
variable "comment" { default = "one" }
provider "aws" {
  region = "us-east-1"
}

resource "aws_sfn_state_machine" "echo" {
  name       = "tf-api-echo"
  role_arn   = "arn:aws:iam::123456789012:role/states"
  type       = "EXPRESS"
  definition = jsonencode({ StartAt = "Echo", States = { Echo = { Type = "Pass", End = true } } })
}

# ---- a REST API

resource "aws_api_gateway_account" "account" {
  cloudwatch_role_arn = "arn:aws:iam::123456789012:role/logs"
}
resource "aws_api_gateway_rest_api" "api" {
  name               = "tf-api"
  description        = "comment ${var.comment}"
  binary_media_types = ["image/png", "application/octet-stream"]
  endpoint_configuration { types = ["REGIONAL"] }
  tags = { team = var.comment }
}
resource "aws_api_gateway_rest_api_policy" "api" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = "*", Action = "execute-api:Invoke", Resource = "execute-api:/*" }]
  })
}
resource "aws_api_gateway_resource" "orders" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  parent_id   = aws_api_gateway_rest_api.api.root_resource_id
  path_part   = "orders"
}
resource "aws_api_gateway_resource" "order" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  parent_id   = aws_api_gateway_resource.orders.id
  path_part   = "{id}"
}
resource "aws_api_gateway_model" "order" {
  rest_api_id  = aws_api_gateway_rest_api.api.id
  name         = "Order"
  content_type = "application/json"
  description  = "comment ${var.comment}"
  schema       = jsonencode({ type = "object" })
}
resource "aws_api_gateway_request_validator" "all" {
  rest_api_id                 = aws_api_gateway_rest_api.api.id
  name                        = "all"
  validate_request_body       = true
  validate_request_parameters = true
}
resource "aws_api_gateway_gateway_response" "denied" {
  rest_api_id         = aws_api_gateway_rest_api.api.id
  response_type       = "MISSING_AUTHENTICATION_TOKEN"
  status_code         = "404"
  response_templates  = { "application/json" = "{\"message\":$context.error.messageString,\"comment\":\"${var.comment}\"}" }
  response_parameters = { "gatewayresponse.header.Access-Control-Allow-Origin" = "'*'" }
}
resource "aws_api_gateway_method" "post" {
  rest_api_id          = aws_api_gateway_rest_api.api.id
  resource_id          = aws_api_gateway_resource.order.id
  http_method          = "POST"
  authorization        = "NONE"
  api_key_required     = true
  operation_name       = "PlaceOrder"
  request_validator_id = aws_api_gateway_request_validator.all.id
  request_models       = { "application/json" = aws_api_gateway_model.order.name }
  request_parameters   = { "method.request.path.id" = true, "method.request.querystring.dry" = false }
}
resource "aws_api_gateway_method_response" "ok" {
  rest_api_id         = aws_api_gateway_rest_api.api.id
  resource_id         = aws_api_gateway_resource.order.id
  http_method         = aws_api_gateway_method.post.http_method
  status_code         = "200"
  response_models     = { "application/json" = "Empty" }
  response_parameters = { "method.response.header.X-Order" = true }
}
resource "aws_api_gateway_integration" "start" {
  rest_api_id             = aws_api_gateway_rest_api.api.id
  resource_id             = aws_api_gateway_resource.order.id
  http_method             = aws_api_gateway_method.post.http_method
  type                    = "AWS"
  integration_http_method = "POST"
  uri                     = "arn:aws:apigateway:us-east-1:states:action/StartSyncExecution"
  credentials             = "arn:aws:iam::123456789012:role/api"
  passthrough_behavior    = "NEVER"
  timeout_milliseconds    = 20000
  request_templates = {
    "application/json" = <<-VTL
      #set($body = $util.escapeJavaScript($input.json('$')).replaceAll("\\'", "'"))
      {"stateMachineArn": "${aws_sfn_state_machine.echo.arn}",
       "input": "{\"id\": \"$input.params('id')\", \"order\": $body, \"comment\": \"${var.comment}\"}"}
    VTL
  }
}
resource "aws_api_gateway_integration_response" "ok" {
  rest_api_id         = aws_api_gateway_rest_api.api.id
  resource_id         = aws_api_gateway_resource.order.id
  http_method         = aws_api_gateway_method.post.http_method
  status_code         = aws_api_gateway_method_response.ok.status_code
  response_parameters = { "method.response.header.X-Order" = "integration.response.body.name" }
  response_templates  = { "application/json" = "$input.path('$.output')" }
  depends_on          = [aws_api_gateway_integration.start]
}
resource "aws_api_gateway_authorizer" "token" {
  rest_api_id                      = aws_api_gateway_rest_api.api.id
  name                             = "token"
  authorizer_uri                   = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:function:auth/invocations"
  identity_source                  = "method.request.header.Authorization"
  authorizer_result_ttl_in_seconds = 60
}
resource "aws_api_gateway_deployment" "now" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  triggers    = { comment = var.comment }
  depends_on  = [aws_api_gateway_integration_response.ok, aws_api_gateway_gateway_response.denied]
  lifecycle { create_before_destroy = true }
}
resource "aws_api_gateway_stage" "live" {
  rest_api_id   = aws_api_gateway_rest_api.api.id
  deployment_id = aws_api_gateway_deployment.now.id
  stage_name    = "live"
  variables     = { comment = var.comment }
  tags          = { team = var.comment }
}
resource "aws_api_gateway_method_settings" "all" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  stage_name  = aws_api_gateway_stage.live.stage_name
  method_path = "*/*"
  settings {
    metrics_enabled        = true
    logging_level          = "INFO"
    throttling_burst_limit = 10
    throttling_rate_limit  = 5.5
  }
}
resource "aws_api_gateway_api_key" "key" {
  name        = "tf-key"
  description = "comment ${var.comment}"
}
resource "aws_api_gateway_usage_plan" "plan" {
  name        = "tf-plan"
  description = "comment ${var.comment}"
  api_stages {
    api_id = aws_api_gateway_rest_api.api.id
    stage  = aws_api_gateway_stage.live.stage_name
  }
  quota_settings {
    limit  = 1000
    period = "DAY"
  }
  throttle_settings {
    burst_limit = 5
    rate_limit  = 10
  }
}
resource "aws_api_gateway_usage_plan_key" "key" {
  key_id        = aws_api_gateway_api_key.key.id
  key_type      = "API_KEY"
  usage_plan_id = aws_api_gateway_usage_plan.plan.id
}

# ---- a REST API of an OpenAPI document

resource "aws_api_gateway_rest_api" "document" {
  name = "tf-document"
  body = jsonencode({
    openapi = "3.0.1"
    info    = { title = "tf-document", version = "1.0" }
    paths = {
      "/ping" = {
        get = {
          responses = { "200" = { description = "ok" } }
          x-amazon-apigateway-integration = {
            type             = "mock"
            requestTemplates = { "application/json" = "{\"statusCode\": 200}" }
            responses        = { default = { statusCode = "200", responseTemplates = { "application/json" = "{\"pong\": \"${var.comment}\"}" } } }
          }
        }
      }
    }
  })
}
resource "aws_api_gateway_deployment" "document" {
  rest_api_id = aws_api_gateway_rest_api.document.id
  triggers    = { body = sha1(aws_api_gateway_rest_api.document.body) }
  lifecycle { create_before_destroy = true }
}
resource "aws_api_gateway_stage" "document" {
  rest_api_id   = aws_api_gateway_rest_api.document.id
  deployment_id = aws_api_gateway_deployment.document.id
  stage_name    = "v1"
}

# ---- an HTTP API

resource "aws_apigatewayv2_api" "http" {
  name          = "tf-http"
  description   = "comment ${var.comment}"
  protocol_type = "HTTP"
  cors_configuration {
    allow_origins = ["https://example.org"]
    allow_methods = ["GET", "POST"]
    max_age       = 300
  }
  tags = { team = var.comment }
}
resource "aws_apigatewayv2_integration" "start" {
  api_id                 = aws_apigatewayv2_api.http.id
  integration_type       = "AWS_PROXY"
  integration_subtype    = "StepFunctions-StartSyncExecution"
  credentials_arn        = "arn:aws:iam::123456789012:role/api"
  description            = "comment ${var.comment}"
  payload_format_version = "1.0"
  request_parameters = {
    StateMachineArn = aws_sfn_state_machine.echo.arn
    Input           = "$request.body"
  }
  response_parameters {
    status_code = 200
    mappings    = { "overwrite:header.x-comment" = "$stageVariables.comment" }
  }
}
resource "aws_apigatewayv2_authorizer" "jwt" {
  api_id           = aws_apigatewayv2_api.http.id
  authorizer_type  = "JWT"
  identity_sources = ["$request.header.Authorization"]
  name             = "jwt"
  jwt_configuration {
    audience = ["me"]
    issuer   = "https://issuer.example.org"
  }
}
resource "aws_apigatewayv2_route" "start" {
  api_id    = aws_apigatewayv2_api.http.id
  route_key = "POST /start"
  target    = "integrations/${aws_apigatewayv2_integration.start.id}"
}
resource "aws_apigatewayv2_route" "guarded" {
  api_id             = aws_apigatewayv2_api.http.id
  route_key          = "POST /guarded"
  target             = "integrations/${aws_apigatewayv2_integration.start.id}"
  authorization_type = "JWT"
  authorizer_id      = aws_apigatewayv2_authorizer.jwt.id
}
resource "aws_apigatewayv2_stage" "default" {
  api_id      = aws_apigatewayv2_api.http.id
  name        = "$default"
  auto_deploy = true
  default_route_settings {
    throttling_burst_limit = 100
    throttling_rate_limit  = 50
  }
  stage_variables = { comment = var.comment }
  tags            = { team = var.comment }
}

output "rest" { value = aws_api_gateway_rest_api.api.id }
output "document" { value = aws_api_gateway_rest_api.document.id }
output "http" { value = aws_apigatewayv2_api.http.api_endpoint }
output "key" {
  value     = aws_api_gateway_api_key.key.value
  sensitive = true
}
