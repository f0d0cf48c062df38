# What docs/terraform.md explains: a namespace with a key, a secret, a file and a flow, and a Git repository.
terraform {
  required_providers {
    trunkline = { source = "trunkline/trunkline" }
  }
}

provider "trunkline" {} # TRUNKLINE_SERVER and TRUNKLINE_USER say where and who

variable "api_key" {
  type      = string
  sensitive = true
}

variable "repository" {
  type    = string
  default = "https://git.example.com/data/flows.git"
}

resource "trunkline_namespace" "sales" {
  namespace_id = "acme.sales"
  description  = "Reports for sales"
  variables    = jsonencode({ currency = "EUR" })
}

resource "trunkline_kv" "rate" {
  namespace = trunkline_namespace.sales.namespace_id
  key       = "rate"
  value     = jsonencode({ eur = 1, usd = 1.08 })
}

resource "trunkline_secret" "api_key" {
  namespace   = trunkline_namespace.sales.namespace_id
  key         = "API_KEY"
  value       = var.api_key
  description = "Of the reporting service"
  tags        = { owner = "sales" }
}

resource "trunkline_namespace_file" "query" {
  namespace = trunkline_namespace.sales.namespace_id
  path      = "queries/revenue.sql"
  content   = "select sum(amount) from orders\n"
}

resource "trunkline_flow" "report" {
  namespace = trunkline_namespace.sales.namespace_id
  flow_id   = "report"
  content   = <<-YAML
    id: report
    namespace: acme.sales
    tasks:
      - id: hello
        type: io.kestra.plugin.core.log.Log
        message: "one euro is {{ kv('rate').usd }} dollars"
  YAML
  depends_on = [trunkline_kv.rate]
}

resource "trunkline_git_source" "flows" {
  name          = "team-flows"
  url           = var.repository
  ref           = "main"
  poll_interval = 300
}

resource "trunkline_git_binding" "flows" {
  name      = "team-flows"
  source    = trunkline_git_source.flows.name
  namespace = "acme.team"
  layout    = "tree"
  prune     = true
  automated = false
}
