terraform {
  required_providers { aws = { source = "hashicorp/aws" } }
}
variable "comment" { default = "one" }
variable "days" { default = 30 }
provider "aws" {
  region            = "us-east-1"
  s3_use_path_style = true
}

# ---- S3

resource "aws_s3_bucket" "data" {
  bucket        = "tf-data"
  force_destroy = true
  tags          = { team = var.comment }
}
resource "aws_s3_bucket" "logs" {
  bucket = "tf-logs"
}
resource "aws_s3_bucket" "locked" {
  bucket              = "tf-locked"
  object_lock_enabled = true
}
resource "aws_s3_bucket_versioning" "data" {
  bucket = aws_s3_bucket.data.id
  versioning_configuration { status = "Enabled" }
}
resource "aws_s3_bucket_server_side_encryption_configuration" "data" {
  bucket = aws_s3_bucket.data.id
  rule {
    apply_server_side_encryption_by_default { sse_algorithm = "aws:kms" }
    bucket_key_enabled = true
  }
}
resource "aws_s3_bucket_lifecycle_configuration" "data" {
  bucket     = aws_s3_bucket.data.id
  depends_on = [aws_s3_bucket_versioning.data]
  rule {
    id     = "old"
    status = "Enabled"
    filter { prefix = "tmp/" }
    expiration { days = var.days }
    noncurrent_version_expiration { noncurrent_days = 7 }
    abort_incomplete_multipart_upload { days_after_initiation = 2 }
  }
  rule {
    id     = "tagged"
    status = "Enabled"
    filter {
      and {
        prefix = "a/"
        tags   = { keep = "no" }
      }
    }
    transition {
      days          = 90
      storage_class = "GLACIER"
    }
  }
}
resource "aws_s3_bucket_cors_configuration" "data" {
  bucket = aws_s3_bucket.data.id
  cors_rule {
    allowed_methods = ["GET", "PUT"]
    allowed_origins = ["https://example.org"]
    allowed_headers = ["*"]
    expose_headers  = ["ETag"]
    max_age_seconds = 60
  }
}
resource "aws_s3_bucket_website_configuration" "data" {
  bucket = aws_s3_bucket.data.id
  index_document { suffix = "index.html" }
  error_document { key = "error.html" }
}
resource "aws_s3_bucket_public_access_block" "data" {
  bucket                  = aws_s3_bucket.data.id
  block_public_acls       = true
  block_public_policy     = false
  ignore_public_acls      = true
  restrict_public_buckets = false
}
resource "aws_s3_bucket_ownership_controls" "logs" {
  bucket = aws_s3_bucket.logs.id
  rule { object_ownership = "BucketOwnerPreferred" }
}
resource "aws_s3_bucket_acl" "logs" {
  bucket     = aws_s3_bucket.logs.id
  acl        = "log-delivery-write"
  depends_on = [aws_s3_bucket_ownership_controls.logs]
}
resource "aws_s3_bucket_logging" "data" {
  bucket        = aws_s3_bucket.data.id
  target_bucket = aws_s3_bucket.logs.id
  target_prefix = "data/"
}
resource "aws_s3_bucket_policy" "data" {
  bucket     = aws_s3_bucket.data.id
  depends_on = [aws_s3_bucket_public_access_block.data]
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{ Sid = var.comment, Effect = "Allow", Principal = "*", Action = "s3:GetObject", Resource = "${aws_s3_bucket.data.arn}/*" }]
  })
}
resource "aws_s3_bucket_accelerate_configuration" "data" {
  bucket = aws_s3_bucket.data.id
  status = "Enabled"
}
resource "aws_s3_bucket_request_payment_configuration" "data" {
  bucket = aws_s3_bucket.data.id
  payer  = "Requester"
}
resource "aws_s3_bucket_metric" "data" {
  bucket = aws_s3_bucket.data.id
  name   = "all"
}
resource "aws_s3_bucket_intelligent_tiering_configuration" "data" {
  bucket = aws_s3_bucket.data.id
  name   = "all"
  tiering {
    access_tier = "ARCHIVE_ACCESS"
    days        = 125
  }
}
resource "aws_s3_bucket_analytics_configuration" "data" {
  bucket = aws_s3_bucket.data.id
  name   = "all"
}
resource "aws_s3_bucket_inventory" "data" {
  bucket                   = aws_s3_bucket.data.id
  name                     = "weekly"
  included_object_versions = "All"
  schedule { frequency = "Weekly" }
  destination {
    bucket {
      format     = "CSV"
      bucket_arn = aws_s3_bucket.logs.arn
    }
  }
}
resource "aws_s3_bucket_object_lock_configuration" "locked" {
  bucket = aws_s3_bucket.locked.id
  rule {
    default_retention {
      mode = "GOVERNANCE"
      days = 5
    }
  }
}
resource "aws_s3_bucket_replication_configuration" "data" {
  bucket     = aws_s3_bucket.data.id
  role       = "arn:aws:iam::000000000000:role/replication"
  depends_on = [aws_s3_bucket_versioning.data]
  rule {
    id     = "all"
    status = "Enabled"
    filter {}
    delete_marker_replication { status = "Disabled" }
    destination { bucket = aws_s3_bucket.locked.arn }
  }
}
resource "aws_sqs_queue" "events" {
  name = "tf-events"
}
resource "aws_sns_topic" "events" {
  name = "tf-events"
}
resource "aws_s3_bucket_notification" "data" {
  bucket      = aws_s3_bucket.data.id
  eventbridge = true
  queue {
    queue_arn     = aws_sqs_queue.events.arn
    events        = ["s3:ObjectCreated:*"]
    filter_prefix = "in/"
  }
  topic {
    topic_arn = aws_sns_topic.events.arn
    events    = ["s3:ObjectRemoved:*"]
  }
}
resource "aws_s3_object" "object" {
  bucket     = aws_s3_bucket.data.id
  key        = "in/object.txt"
  content    = "content of ${var.comment}"
  tags       = { kind = "text" }
  depends_on = [aws_s3_bucket_versioning.data, aws_s3_bucket_notification.data]
}

# ---- DynamoDB

resource "aws_dynamodb_table" "items" {
  name             = "tf-items"
  billing_mode     = "PAY_PER_REQUEST"
  hash_key         = "pk"
  range_key        = "sk"
  stream_enabled   = true
  stream_view_type = "NEW_AND_OLD_IMAGES"
  table_class      = "STANDARD_INFREQUENT_ACCESS"
  attribute {
    name = "pk"
    type = "S"
  }
  attribute {
    name = "sk"
    type = "N"
  }
  attribute {
    name = "g"
    type = "S"
  }
  global_secondary_index {
    name            = "by-g"
    hash_key        = "g"
    range_key       = "sk"
    projection_type = "INCLUDE"
    non_key_attributes = ["text"]
  }
  dynamic "global_secondary_index" {
    for_each = var.comment == "two" ? ["late"] : []
    content {
      name            = "late"
      hash_key        = "sk"
      projection_type = "KEYS_ONLY"
    }
  }
  local_secondary_index {
    name            = "local"
    range_key       = "g"
    projection_type = "ALL"
  }
  ttl {
    attribute_name = "until"
    enabled        = true
  }
  point_in_time_recovery { enabled = var.comment == "two" }
  server_side_encryption { enabled = true }
  tags = { team = var.comment }
}
resource "aws_dynamodb_table" "provisioned" {
  name           = "tf-provisioned"
  hash_key       = "id"
  read_capacity  = var.comment == "two" ? 4 : 2
  write_capacity = 2
  attribute {
    name = "id"
    type = "B"
  }
}
resource "aws_dynamodb_table_item" "one" {
  table_name = aws_dynamodb_table.items.name
  hash_key   = aws_dynamodb_table.items.hash_key
  range_key  = aws_dynamodb_table.items.range_key
  item       = jsonencode({ pk = { S = "a" }, sk = { N = "1" }, g = { S = "x" }, text = { S = var.comment } })
}

output "bucket" { value = aws_s3_bucket.data.arn }
output "stream" { value = aws_dynamodb_table.items.stream_arn }
output "queue" { value = aws_sqs_queue.events.url }
